# ERAWISE_SANITIZE=address: AddressSanitizer and UndefinedBehaviorSanitizer.
# ERAWISE_SANITIZE=thread:  ThreadSanitizer.
set(ERAWISE_SANITIZE "" CACHE STRING "address | thread | (empty)")
if(ERAWISE_SANITIZE STREQUAL "address")
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(ERAWISE_SANITIZE STREQUAL "thread")
  set(flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(ERAWISE_SANITIZE)
  message(FATAL_ERROR "ERAWISE_SANITIZE=${ERAWISE_SANITIZE}: expected address or thread")
endif()

if(ERAWISE_SANITIZE)
  # -O1: at -O2 the checks make a kernel's file take minutes and more than a gigabyte to compile.
  target_compile_options(erawise_settings INTERFACE ${flags} -O1 -g1)
  target_link_options(erawise_settings INTERFACE ${flags})
endif()
