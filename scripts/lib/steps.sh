# shellcheck shell=bash
# Steps of scripts/test: each runs as a function with its own heading, duration and count of
# tests, and a summary stands at the end. Sourced, after host.sh.

STEP_LINES=()
FAILURE_LINES=()
TOTAL_PASSED=0
TOTAL_FAILED=0

# without_colours LOG
without_colours() { sed 's/\x1b\[[0-9;]*m//g' "$1"; }

# tally LOG: "PASSED FAILED" as the programs of a step reported them, summed up: pytest
# ("3 passed, 1 failed in ..."), ctest ("100% tests passed, 0 tests failed out of 42") and our own
# scripts ("6 passed, 0 failed").
tally() {
    without_colours "$1" | awk '
        /tests? passed, [0-9]+ tests? failed out of [0-9]+/ {
            match($0, /[0-9]+ tests? failed out of [0-9]+/)
            split(substr($0, RSTART, RLENGTH), word, " ")
            failed += word[1]; passed += word[6] - word[1]
            next
        }
        /^=* *([0-9]+ [a-z]+,? ?)+( in [0-9.]+s.*)?$/ && /[0-9]+ (passed|failed|error)/ {
            line = $0; gsub(/[=,]/, " ", line); count = split(line, word, " ")
            for (i = 1; i < count; ++i) {
                if (word[i + 1] == "passed") passed += word[i]
                if (word[i + 1] ~ /^(failed|errors?)$/) failed += word[i]
            }
        }
        END { print passed + 0, failed + 0 }'
}

# failures LOG: what failed and why, in few lines: what pytest asserted ("E   ...") and its names
# ("FAILED tests/...", "ERROR tests/..."), ctest's list ("  7 - Suite.Test (Failed)"), gtest's and our
# own scripts' lines; the end of the log where there is none of these.
failures() {
    local lines
    lines="$(without_colours "$1" | grep -E \
        -e '^E   ' -e '^(FAILED|ERROR) ' -e '^[[:space:]]+[0-9]+ - .* \((Failed|.*Exception.*|Timeout|Not Run.*)\)' \
        -e ': Failure$' -e 'ERROR: [A-Za-z]+Sanitizer' -e 'runtime error:' | head -n 60)" || true
    [ -n "$lines" ] || lines="$(tail -n 20 "$1")"
    printf '%s\n' "$lines"
}

# step TITLE FUNCTION [ARGUMENT...]: runs it with its output in a log as well as on the terminal.
# A step without counts of its own is one test.
step() {
    local title="$1" log started=$SECONDS status=0 passed failed
    shift
    log="$LOGS/step-${title//[^a-zA-Z0-9]/-}.log"
    printf '\n### %s\n' "$title"
    # In a subshell that exits on the first error; `set -e` is off inside of a condition.
    set +e
    (
        set -e
        "$@"
    ) 2>&1 </dev/null | tee "$log"
    status=${PIPESTATUS[0]}
    set -e
    read -r passed failed < <(tally "$log")
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        failed=1
    elif [ "$status" -eq 0 ] && [ $((passed + failed)) -eq 0 ]; then
        passed=1
    fi
    [ "$failed" -eq 0 ] || FAILURE_LINES+=("--- $title" "$(failures "$log")")
    TOTAL_PASSED=$((TOTAL_PASSED + passed))
    TOTAL_FAILED=$((TOTAL_FAILED + failed))
    STEP_LINES+=("$(printf '%-28s %5d passed %4d failed %5d s' "$title" "$passed" "$failed" \
        $((SECONDS - started)))")
    printf '### %s: %d passed, %d failed (%d s)\n' "$title" "$passed" "$failed" \
        $((SECONDS - started))
}

# What failed stands at the end as well, where whoever sees only the end of a log finds it. The
# last line says it all, for people and for machines.
summary() {
    if [ ${#FAILURE_LINES[@]} -gt 0 ]; then
        printf '\n### Failures\n'
        printf '%s\n' "${FAILURE_LINES[@]}"
    fi
    printf '\n### Summary (%d s)\n' "$SECONDS"
    printf '%s\n' "${STEP_LINES[@]}"
    printf '\n%d passed, %d failed\n' "$TOTAL_PASSED" "$TOTAL_FAILED"
    [ "$TOTAL_FAILED" -eq 0 ]
}
