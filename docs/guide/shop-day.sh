#!/usr/bin/env bash
# One day in the shop, from the night count to the empty box, as the phones send it. What each part is for stands in
# shop-day.md. It needs a database that nobody has worked with yet, and the server running:
#
#   npx plinth seed store
#   npx plinth start &
#   bash docs/guide/shop-day.sh
set -euo pipefail

PLINTH="${PLINTH:-http://localhost:5000}"
ADMIN_USERNAME="${ADMIN_USERNAME:-admin}"
ADMIN_PASSWORD="${ADMIN_PASSWORD:-admin2025}"
SUMMARY="${SUMMARY:-milk-summary.csv}"

# ask TOKEN METHOD PATH [BODY]: sends one request and prints the answer; an error ends the script.
ask() {
  local token=$1 method=$2 path=$3 body=${4:-}
  local options=(--silent --show-error --fail-with-body --request "$method")
  [ -n "$token" ] && options+=(--header "Authorization: Bearer $token")
  [ -n "$body" ] && options+=(--header 'Content-Type: application/json' --data "$body")
  curl "${options[@]}" "$PLINTH$path"
}

# pick WHAT: one value of the JSON that comes in, such as .token or .items[0].code; of a list, one value a line.
pick() {
  node -e '
    const answer = JSON.parse(require("fs").readFileSync(0, "utf8"))
    const value = new Function("answer", `return answer${process.argv[1]}`)(answer)
    console.log([value].flat().join("\n"))
  ' "$1"
}

# counts ID_FIELD "IDS" FIELD NUMBERS...: [{"milk_type_id":"…","foh_count":9},…], one number for each id.
counts() {
  local id_field=$1 ids=$2 field=$3 id lines=()
  shift 3
  for id in $ids; do
    lines+=("{\"$id_field\":\"$id\",\"$field\":$1}")
    shift
  done
  (IFS=, && echo "[${lines[*]}]")
}

title() { printf '\n== %s\n' "$*"; }

title 'The manager logs in and makes two accounts'
ADMIN=$(ask '' POST /api/auth/login \
  "{\"username\":\"$ADMIN_USERNAME\",\"password\":\"$ADMIN_PASSWORD\"}" | pick .token)
ask "$ADMIN" POST /api/admin/users \
  '{"name":"Ana","partner_number":"AN1001","pin":"4719","role":"staff"}' | pick .user.name
ask "$ADMIN" POST /api/admin/users \
  '{"name":"Ben","partner_number":"BE1002","pin":"5820","role":"staff"}' | pick .user.name

title 'Both log in on their phones, with number and PIN'
ANA=$(ask '' POST /api/auth/login '{"partner_number":"AN1001","pin":"4719"}' | pick .token)
BEN=$(ask '' POST /api/auth/login '{"partner_number":"BE1002","pin":"5820"}' | pick .token)
ask "$ANA" GET /api/auth/me | pick .user.name
ask "$BEN" GET /api/auth/me | pick .user.name

title 'Night: Ana counts the front, Ben the back'
MILK=/api/milk-count/sessions
TYPES=$(ask "$ANA" GET /api/milk-count/milk-types | pick '.map((type) => type.id)')
NIGHT=$(ask "$ANA" POST $MILK/start | pick .session.id)
FOH=$(counts milk_type_id "$TYPES" foh_count 9 7 5 6 2 8 3 0 1)
ask "$ANA" PUT $MILK/$NIGHT/night-foh "{\"counts\":$FOH}" | pick .session.status
BOH=$(counts milk_type_id "$TYPES" boh_count 16 31 6 9 3 15 0 7 4)
ask "$BEN" PUT $MILK/$NIGHT/night-boh "{\"counts\":$BOH}" | pick .session.status

title 'Morning: Ben counts the back once more, with what came; then what is on order'
NOW=$(counts milk_type_id "$TYPES" current_boh 28 26 10 12 5 21 5 7 6)
NOW=${NOW//'"current_boh"'/'"method":"boh_count","current_boh"'}
ask "$BEN" PUT $MILK/$NIGHT/morning "{\"counts\":$NOW}" | pick .session.status
ON_ORDER=$(counts milk_type_id "$TYPES" on_order 4 0 0 0 0 0 3 11 0)
ask "$ANA" PUT $MILK/$NIGHT/on-order "{\"on_orders\":$ON_ORDER}" | pick .session.status

title 'What is to be ordered'
ask "$ADMIN" GET $MILK/$NIGHT/summary |
  pick '.summary.map(({ milk_type, order }) => `${String(order).padStart(4)} ${milk_type}`)'
ask "$ADMIN" GET "$MILK/$NIGHT/summary?format=csv" >"$SUMMARY"
echo "The whole summary is in $SUMMARY"

title 'Ana restocks the display: she counts, gets a list, fetches, ticks'
RTDE=/api/rtde/sessions
ROUND=$(ask "$ANA" POST $RTDE/start | pick .session_id)
for ITEM in $(ask "$ANA" GET $RTDE/$ROUND | pick '.items.slice(0, 6).map((item) => item.item_id)'); do
  ask "$ANA" PUT $RTDE/$ROUND/count "{\"item_id\":\"$ITEM\",\"counted_quantity\":3}" >/dev/null
done
ask "$ANA" GET $RTDE/$ROUND/pull-list |
  pick '.pull_list.map(({ name, need_quantity }) => `${String(need_quantity).padStart(4)} ${name}`)'
for ITEM in $(ask "$ANA" GET $RTDE/$ROUND/pull-list | pick '.pull_list.map((item) => item.item_id)'); do
  ask "$ANA" PUT $RTDE/$ROUND/pull "{\"item_id\":\"$ITEM\",\"is_pulled\":true}" >/dev/null
done
ask "$ANA" POST $RTDE/$ROUND/complete | pick .session.status
ask "$BEN" GET $RTDE/last-completed | pick .user_name

title 'Ben brings a box to the basement: he gets a code, writes it on the box, saves'
BASEMENT=/api/tracking
CODE=$(ask "$BEN" POST $BASEMENT/codes | pick .code)
ask "$BEN" POST $BASEMENT/items \
  "{\"name\":\"Vanilla Syrup\",\"category\":\"syrups\",\"code\":\"$CODE\"}" | pick .item.name
ask "$BEN" POST $BASEMENT/items/bulk \
  '{"items":[{"name":"Oat Crate","category":"other","quantity":3}]}' | pick .added

title 'Ana takes the box out by its code, takes it back in, and out again'
BOX=$(ask "$ANA" DELETE "$BASEMENT/items/$CODE" | pick .item.id)
ask "$ANA" POST "$BASEMENT/items/$BOX/restore" | pick .item.name
ask "$ANA" DELETE "$BASEMENT/items/$CODE" | pick .message

title 'What the manager reads in the evening'
ask "$ADMIN" GET "/api/activity/recent?limit=20" |
  pick '.map(({ user_name, title, description }) => `${user_name}: ${title}: ${description}`)'
