# Sourced by ./mvnw and ./steward: finds a JDK of at least JDK_MIN and exports it as JAVA_HOME, or
# says in one sentence how to get one. POSIX sh.
JDK_MIN=25

# The feature version of the JDK in directory $1; nothing when there is none (a JRE is none).
jdk_version() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/java" -version 2>&1 | sed -n '1s/.*"\([0-9]*\).*/\1/p'
  fi
}

# Takes directory $1 when it is a JDK that is new enough.
jdk_take() {
  jdk_found=$(jdk_version "$1")
  [ -n "$jdk_found" ] && [ "$jdk_found" -ge "$JDK_MIN" ] || return 1
  JAVA_HOME=$1
  export JAVA_HOME
}

# The directory of the JDK whose java is first on the PATH, through any links.
jdk_of_path() {
  jdk_link=$(command -v java) || return 0
  while [ -L "$jdk_link" ]; do
    jdk_target=$(readlink "$jdk_link")
    case "$jdk_target" in
      /*) jdk_link=$jdk_target ;;
      *) jdk_link=$(dirname "$jdk_link")/$jdk_target ;;
    esac
  done
  (cd "$(dirname "$jdk_link")/.." 2>/dev/null && pwd -P)
}

jdk_find() {
  [ -n "${JAVA_HOME:-}" ] && jdk_take "$JAVA_HOME" && return 0
  jdk_take "$(jdk_of_path)" && return 0
  if [ -x /usr/libexec/java_home ]; then
    jdk_take "$(/usr/libexec/java_home -v "$JDK_MIN+" 2>/dev/null)" && return 0
  fi
  for jdk_candidate in /usr/lib/jvm/* /opt/* /opt/*/* /usr/local/lib/jvm/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-/}"/.sdkman/candidates/java/* \
    "${HOME:-/}"/.jdks/* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -d "$jdk_candidate" ] && jdk_take "$jdk_candidate" && return 0
  done
  echo "Steward needs a JDK $JDK_MIN or newer and found none: install one (Debian: apt-get install temurin-25-jdk from packages.adoptium.net; macOS: brew install openjdk; SDKMAN: sdk install java 25-tem) or set JAVA_HOME to it." >&2
  exit 1
}

jdk_find
