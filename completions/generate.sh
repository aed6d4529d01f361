#!/usr/bin/env bash
# Writes the committed files that the built program prints: completions, manual page, schema.
set -euo pipefail
cd "$(dirname "$0")/.."
for shell in bash zsh fish; do dist/tsync completions "$shell" >"completions/tsync.$shell"; done
dist/tsync man >completions/tsync.1
dist/tsync config schema >src/config/schema.json
