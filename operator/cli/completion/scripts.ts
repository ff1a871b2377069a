import { COMPLETE_COMMAND, FILES, type Shell } from './shells.ts';

/** Each shell's own part: it passes the line to the tool, and shows what that says. A tool that fails says nothing. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of maintenance-window
_maintenance_window() {
  local IFS=$'\\n' word="$2"
  COMPREPLY=($("$1" ${COMPLETE_COMMAND} bash -- "$word" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null))
  [[ \${COMPREPLY[0]-} == ${FILES} ]] || return
  COMPREPLY=()
  if [[ $word == --*=* ]]; then
    COMPREPLY=($(compgen -f -P "\${word%%=*}=" -- "\${word#*=}"))
  else
    compopt -o default
  fi
}
complete -F _maintenance_window maintenance-window
`,
  zsh: `#compdef maintenance-window
_maintenance-window() {
  local -a lines described
  local line typed="\${(Q)PREFIX}"
  lines=("\${(@f)$("\${(Q)words[1]}" ${COMPLETE_COMMAND} zsh -- "\${(@Q)words[2,CURRENT-1]}" "$typed" 2>/dev/null </dev/null)}")
  if [[ \${lines[1]} == ${FILES} ]]; then
    [[ $typed == --*=* ]] && compset -P '*='
    _files
    return
  fi
  for line in "\${lines[@]}"; do
    [[ -n $line ]] || continue
    if [[ $line == *$'\\t'* ]]; then
      described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      described+=("\${line//:/\\\\:}")
    fi
  done
  _describe -V maintenance-window described
}
if [[ $funcstack[1] == _maintenance-window ]]; then
  _maintenance-window "$@"
else
  compdef _maintenance-window maintenance-window
fi
`,
  fish: `# fish completion of maintenance-window
function __maintenance_window_complete
    set -l words (commandline -xpc 2>/dev/null; or commandline -opc)
    set -l typed (string replace -r '^["\\']' '' -- (commandline -ct))
    set -l lines ($words[1] ${COMPLETE_COMMAND} fish -- $words[2..] "$typed" 2>/dev/null </dev/null)
    if test "$lines[1]" = ${FILES}
        set -l option (string match -r '^--[^=]+=' -- "$typed")
        for file in (__fish_complete_path (string replace -- "$option" '' "$typed"))
            printf '%s%s\\n' "$option" $file
        end
    else
        printf '%s\\n' $lines
    end
end
complete --command maintenance-window --no-files --arguments '(__maintenance_window_complete)'
`,
};
