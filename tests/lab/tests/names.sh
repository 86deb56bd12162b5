# SPDX-License-Identifier: GPL-2.0-or-later
# names.sh - names with spaces, UTF-8, and a dash in front
# time: 40
names=('two words' 'größe' '-dash' '.hidden')
for name in "${names[@]}"; do
	vm -- "$name" $card1.0 $card1.1
	ini "$name"
done
before

for name in "${names[@]}"; do
	start "$name"
	taken $card1
	destroy "$name"
	at_home $card1
done
after
