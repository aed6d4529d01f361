#!/usr/bin/env bash
# Installs what tests, demo and benchmark need besides npm packages, if it is missing. Asks nothing.
# Usage: setup.sh [bench]   (bench: also the tools that the benchmark compares tsync with)
set -euo pipefail
# By the program that shows that a package is there.
declare -A package_of=(
  [rsync]=rsync
  [ssh]=openssh-client
  [sshd]=openssh-server
  [busybox]=busybox
  [script]=bsdutils
  [faketime]=faketime
  [tmux]=tmux
  [tcsh]=tcsh
  [fish]=fish
  [zsh]=zsh
  [dropbear]=dropbear-bin
  [man]=man-db
  [mandoc]=mandoc
  [groff]=groff-base
  [systemd-analyze]=systemd
)
# A library, with which dropbear finds an account that the tests make up.
nss_wrapper() { ls /usr/lib*/libnss_wrapper.so /usr/lib/*/libnss_wrapper.so 2>/dev/null | head -n 1; }
missing=()
for tool in "${!package_of[@]}"; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "$tool" >/dev/null || missing+=("${package_of[$tool]}")
done
[ -n "$(nss_wrapper)" ] || missing+=(libnss-wrapper)
# The benchmark says of each of these that it is left out, and goes on.
declare -A peer_package_of=()
if [ "${1:-}" = bench ]; then
  peer_package_of=([lsyncd]=lsyncd [inotifywait]=inotify-tools [unison]=unison [syncthing]=syncthing)
fi
missing_peers=()
for tool in "${!peer_package_of[@]}"; do
  command -v "$tool" >/dev/null || missing_peers+=("${peer_package_of[$tool]}")
done
# Other versions of rsync that the distribution offers besides the installed one: to be the target's, not installed.
# (Where there are none, the tests do without.)
get_other_rsyncs() {
  local others installed version
  others="$(dirname "$0")/../node_modules/.cache/rsync"
  if ! command -v apt-cache >/dev/null || [ -e "$others/done" ]; then return 0; fi
  mkdir -p "$others"
  installed="$(dpkg-query -W -f='${Version}' rsync 2>/dev/null || true)"
  for version in $(apt-cache madison rsync 2>/dev/null | awk -F ' *[|] *' '{ print $2 }' | sort -u); do
    touch "$others/done"
    [ "$version" != "$installed" ] || continue
    (cd "$others" && apt-get download -qq "rsync=$version" >/dev/null 2>&1 && dpkg -x rsync_*.deb "$version" && rm rsync_*.deb) ||
      echo "rsync $version cannot be had; nothing is tested with it" >&2
  done
}
if [ $((${#missing[@]} + ${#missing_peers[@]})) -eq 0 ]; then
  get_other_rsyncs
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "Please install: ${missing[*]} ${missing_peers[*]}" >&2
  [ ${#missing[@]} -eq 0 ]
  exit
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo -n"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# The packages must not start services of their own: tests start what they need.
install() {
  $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
for package in "${missing_peers[@]}"; do
  install "$package" || echo "$package cannot be installed: the benchmark does without it" >&2
done
get_other_rsyncs
