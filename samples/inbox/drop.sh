#!/bin/sh
# Hands a contribution file to a watched folder and waits for the answer.
#
#   drop.sh INBOX FILE.txt [SECONDS]
#
# Status: 0 accepted, or accepted before; 1 something has to be mended, or a person decides; 2 no answer in time.
set -eu

inbox=$1
file=$2
patience=${3:-120}
name=$(basename "$file")

# The answer's name: without .txt; the whole name where it has another ending.
has_ending() { printf '%s\n' "$1" | grep -Eq '.\.[A-Za-z]{1,4}$'; }
stem=${name%.txt}
if [ "$stem" = "$name" ] || has_ending "$stem"; then
    stem=$name
    case $name in *.file) stem=$name.file ;; *) has_ending "$name" || stem=$name.file ;; esac
fi
answer=$inbox/answers/$stem.answer.json

# An answer to an earlier file of this name is not taken for this one's.
rm -f "$answer"

# Under a name that says "not yet"; the last step, the rename, says "complete".
cp "$file" "$inbox/drop/$name.part"
mv "$inbox/drop/$name.part" "$inbox/drop/$name"

# For programs that cannot rename: the file, then a second one with its size and sha256.
#   cp "$file" "$inbox/drop/$name"
#   { echo "size=$(wc -c < "$file" | tr -d ' ')"; echo "sha256=$(sha256sum < "$file" | cut -d' ' -f1)"; } \
#       > "$inbox/drop/$name.done.part"
#   mv "$inbox/drop/$name.done.part" "$inbox/drop/$name.done"

waited=0
until [ -e "$answer" ]; do
    if [ "$waited" -ge "$patience" ]; then
        echo "no answer to $name after $patience seconds" >&2
        exit 2
    fi
    sleep 1
    waited=$((waited + 1))
done

# The page for people; every value stands in the JSON document.
cat "${answer%.answer.json}.txt"
grep -q '^  "complete": true,$' "$answer"
