# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# virt-handoff.bash - completion of the command virt-handoff for bash
#
# Verbs, kinds and sections are asked of the command itself. VMs come from the INI files and from libvirt's folder, addresses
# from sysfs: libvirt is not asked, because a daemon that has to be started first would let a person wait for a key.

# options of a verb, besides those of all verbs
_virt_handoff_options() {
	case $1 in
	status) echo --watch --prometheus ;;
	list) [[ $2 != vgpus ]] || echo --cloudpods ;;
	new) echo --force --print ;;
	assign) echo --all-functions --any-node --gpus --none --pin --type --yes ;;
	edit) echo --host ;;
	reserve) echo --interface ;;
	detach) echo --wait ;;
	import) echo --write ;;
	esac
}

# the words that the command lists: verbs, kinds of import
_virt_handoff_words() {
	"$command" "$@" --help 2> /dev/null | sed -n 's/^  \([a-z][a-z-]*\)\( .*\|$\)/\1/p'
}

# names of files in a folder, without their suffix; names may have blanks
_virt_handoff_names() {
	local file
	for file in "$root$1"/*"$2"; do
		[[ ! -e $file ]] || { file=${file##*/}; printf '%s\n' "${file%"$2"}"; }
	done
}

_virt_handoff_vms() {
	case $1 in
	new | assign | attach | detach | reserve) _virt_handoff_names /etc/libvirt/qemu .xml ;;
	esac
	_virt_handoff_names /etc/virt-handoff/vms .ini
}

# graphics cards and accelerators, and what else sits in their slots
_virt_handoff_functions() {
	local class code slots=' ' function
	for class in "$root"/sys/bus/pci/devices/*/class; do
		code=
		[[ ! -r $class ]] || read -r code < "$class"
		function=${class%/class}
		case $code in 0x03* | 0x12*) slots+="${function%.*} " ;; esac
	done
	for function in "$root"/sys/bus/pci/devices/*; do
		[[ $slots != *" ${function%.*} "* ]] || echo "${function##*/}"
	done
}

# the line in words again that bash has cut at ':' and '=': in $words, and where the cursor is in $at and $word
_virt_handoff_join() {
	local i part glue=
	words=() at=0
	for i in "${!COMP_WORDS[@]}"; do
		part=${COMP_WORDS[i]}
		if [[ $i -gt 0 && ($part == [:=]* || -n $glue) && ${#words[@]} -gt 1 ]]; then
			words[-1]+=$part
		else
			words+=("$part")
		fi
		glue=
		[[ $part != *[:=] ]] || glue=yes
		[[ $i -ne $COMP_CWORD ]] || at=$((${#words[@]} - 1))
	done
	word=${words[at]}
}

# those of the lines of standard input that the word begins; bash replaces only what stands behind the last ':' or '='
_virt_handoff_reply() {
	local line cut=
	case $word in
	*:*) [[ $COMP_WORDBREAKS != *:* ]] || cut=${word%:*}: ;;
	*=*) [[ $COMP_WORDBREAKS != *=* ]] || cut=${word%%=*}= ;;
	esac
	while IFS= read -r line; do
		[[ $line != "$word"* ]] || COMPREPLY+=("$(printf '%q' "${line#"$cut"}")")
	done < <(sort -u)
}

# verb, its second word, and how many words stand behind the verb before the cursor: in $verb, $kind and $n
_virt_handoff_parse() {
	local i
	verb='' kind='' n=0 root=''
	for ((i = 1; i < ${#words[@]}; i++)); do
		case ${words[i]} in
		--root) [[ $((i + 1)) -eq $at ]] || root=${words[i + 1]:-}; i=$((i + 1)) ;;
		--root=*) [[ $i -eq $at ]] || root=${words[i]#--root=} ;;
		-*) ;;
		*)
			[[ $i -lt $at ]] || continue
			if [[ -z $verb ]]; then
				verb=${words[i]}
			else
				n=$((n + 1))
				[[ $n -gt 1 ]] || kind=${words[i]}
			fi
			;;
		esac
	done
}

_virt_handoff_arguments() {
	case $verb:$n in
	:*) _virt_handoff_words ;;
	import:0 | list:0 | early:0) _virt_handoff_words "$verb" ;;
	keys:0) "$command" keys 2> /dev/null | sed -n 's/^\[\([a-z]*\).*/\1/p' ;;
	attach:1 | detach:1) _virt_handoff_functions ;;
	status:0 | check:0 | plan:0 | new:0 | edit:0 | undo:0 | assign:0 | attach:0 | detach:0 | reserve:0) _virt_handoff_vms "$verb" ;;
	esac
}

_virt_handoff() {
	local command=$1 words at word verb kind n root
	COMPREPLY=()
	_virt_handoff_join
	_virt_handoff_parse
	if [[ $at -gt 0 && ${words[at - 1]} == --root ]]; then
		compopt -o dirnames 2> /dev/null
	elif [[ $word == -* ]]; then
		_virt_handoff_reply < <(printf '%s\n' --help --json --root --version; _virt_handoff_options "$verb" "$kind" | tr ' ' '\n')
	elif [[ $verb:$n == record:0 || $verb:$kind:$n == import:mdevctl:1 || $verb:$kind:$n == import:driverctl:1 ]]; then
		compopt -o dirnames 2> /dev/null
	elif [[ $verb == import && $n -ge 1 ]]; then
		compopt -o default 2> /dev/null
	else
		_virt_handoff_reply < <(_virt_handoff_arguments)
	fi
}

complete -F _virt_handoff virt-handoff
