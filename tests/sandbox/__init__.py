"""A local stand-in for Numerai, for demonstrations and end-to-end tests.

In a test:

    with Sandbox(datasets=folder, live_ids=ids) as sandbox:
        run_the_client(env=sandbox.environment)
        assert len(sandbox.state()["submissions"]) == 1
"""

from sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
