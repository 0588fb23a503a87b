# Work side by side, because each piece alone leaves cores idle for long stretches. Source it after lib.sh.
# shellcheck shell=bash
jobs_dir=$(mktemp -d)
jobs_started=$SECONDS
jobs_count=0

# What a shell starts in the background does not hear of Ctrl-C, so it is told otherwise. (Process groups of their own would end
# them as well, but programs in those cannot ask for a password.)
trap 'trap "" TERM; kill -TERM 0; rm -rf "$jobs_dir"; exit 130' INT

# job NAME COMMAND...: runs beside the others. What it prints is shown when it is done; its log is in LOGS/side-NAME.log.
job() {
  local name=$1
  shift
  (
    end=finished
    STEP_LOG=$LOGS/side-$name.log "$@" >"$jobs_dir/$name" 2>&1 || end=failed
    mv "$jobs_dir/$name" "$jobs_dir/$name.$end"
  ) &
  jobs_count=$((jobs_count + 1))
}

# jobs_end: waits for all jobs; the exit code is how many failed.
jobs_end() {
  local shown=0 failed=0 end
  while [ "$shown" -lt "$jobs_count" ]; do
    sleep 0.5
    for end in "$jobs_dir"/*.finished "$jobs_dir"/*.failed; do
      [ -f "$end" ] || continue
      [ ! -t 1 ] || printf '\r\033[K'
      sed 's/^/  /' "$end"
      [ "${end##*.}" = finished ] || failed=$((failed + 1))
      rm "$end"
      shown=$((shown + 1))
    done
    # On a terminal, the last line names what each is compiling now.
    if [ -t 1 ]; then
      printf '\r\033[K  %d min %02d s: %s' $(((SECONDS - jobs_started) / 60)) $(((SECONDS - jobs_started) % 60)) \
        "$(for log in "$LOGS"/side-*.log; do tail -c 200 "$log" 2>/dev/null | tr '\r' '\n' | sed -n 's/.*Compiling \([^ ]*\) .*/\1/p' | tail -n 1; done | paste -sd ' ')"
    fi
  done
  [ ! -t 1 ] || printf '\r\033[K'
  rm -rf "$jobs_dir"
  return "$failed"
}
