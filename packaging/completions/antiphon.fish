# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_antiphon_global_optspecs
    string join \n config= json h/help V/version
end

function __fish_antiphon_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_antiphon_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_antiphon_using_subcommand
    set -l cmd (__fish_antiphon_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c antiphon -n "__fish_antiphon_needs_command" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_needs_command" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_needs_command" -s V -l version -d 'Print version'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "enroll" -d 'Give a person a second factor'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "import" -d 'Take over secrets that another module has checked so far, or accounts: people go on with the app that they have'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "status" -d 'Show who is enrolled and how, recovery codes left, and who is locked out'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "activity" -d 'Show recent sign-ins, and what root did, newest last'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "log" -d 'Show what Antiphon has logged: sign-ins, what root did, what failed and why, newest last'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "report" -d 'Say that a sign-in was not you'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "unlock" -d 'Open codes again after too many wrong ones, or after the clock ran ahead, and have the phone called again'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "remove" -d 'Take a person\'s second factor away'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "recovery" -d 'Give a person ten new recovery codes; the old ones are void'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "number" -d 'Add or remove a telephone number to which codes are sent'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "providers" -d 'Show the providers of the accounts with which people approve, and fetch their keys'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "bypass" -d 'Let a person without their phone sign in: prints a code that serves for a while'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "fleet" -d 'Set up a fleet: hosts that share people\'s phones, so that each phone is enrolled once'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "join" -d 'Make this computer a host of a fleet'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "hosts" -d 'Show the hosts of the fleet, and when each was last connected; or revoke one'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "guide" -d 'Print the guide for people: how to sign in with a second factor, with pictures'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "page" -d 'Export the page for phones, for another web server than antiphond'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "check" -d 'Look for faults in the configuration, the folders, every record and every state'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "doctor" -d 'Follow every sign-in through PAM and sshd: who is asked, who gets past, who is locked out'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "enable" -d 'Have services ask for the second factor, and take that back unless you say that it works'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "disable" -d 'Have services no longer ask for the second factor, and take that back unless you say that it works'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "edit" -d 'Edit the configuration: it is checked before it counts'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "confirm" -d 'Say that a change by enable, disable or edit works: it stays'
complete -c antiphon -n "__fish_antiphon_needs_command" -f -a "revert" -d 'Take back a change by enable, disable or edit that nobody has confirmed'
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l group -d 'Enrol everybody in this group of the system' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l from -d 'Enrol everybody in this table (CSV)' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l letters -d 'Write a letter to print for each person to this folder' -r -f -a "(__fish_complete_directories)"
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l name -d 'What the phone or account is called here; else as the person calls it there, or the provider' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l account -d 'Add an account at this provider, by its name in antiphon.toml; everything else that the person has stays' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l subject -d 'Whose account it is: the subject that the provider\'s tokens will name. Nobody has to sign in then' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l tenant -d 'The tenant of an account of Entra ID; else that of the issuer' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l language -d 'The language of this person\'s prompts; else that of the configuration' -r -f -a "sv\t''
en\t''"
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -s y -l yes -d 'Enrol many without asking'
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l code -d 'Enrol with codes of an authenticator app, and offer no phone'
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l phone -d 'Add a phone, which approves sign-ins; everything else that the person has stays'
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l no-confirm -d 'Do not ask for a first code: the record is written at once'
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l replace -d 'Put a new secret and new recovery codes in the place of those that the person has; phones, numbers and language stay'
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand enroll" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and not __fish_seen_subcommand_from google-authenticator oath accounts" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and not __fish_seen_subcommand_from google-authenticator oath accounts" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and not __fish_seen_subcommand_from google-authenticator oath accounts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and not __fish_seen_subcommand_from google-authenticator oath accounts" -f -a "google-authenticator" -d 'From pam_google_authenticator: the files in everybody\'s home, or those that are named'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and not __fish_seen_subcommand_from google-authenticator oath accounts" -f -a "oath" -d 'From pam_oath: its file of everybody\'s secrets, /etc/users.oath'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and not __fish_seen_subcommand_from google-authenticator oath accounts" -f -a "accounts" -d 'Accounts at providers, from a table of who has which'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from google-authenticator" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from google-authenticator" -l home -d 'Read .google_authenticator in the home of everybody in the user database'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from google-authenticator" -s y -l yes -d 'Write the records'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from google-authenticator" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from google-authenticator" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from oath" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from oath" -s y -l yes -d 'Write the records'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from oath" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from oath" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from accounts" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from accounts" -s y -l yes -d 'Write the records'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from accounts" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand import; and __fish_seen_subcommand_from accounts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l language -d 'The language of the page; else that of the configuration' -r -f -a "sv\t''
en\t''"
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l table -d 'A table of everybody with a sign-in shell, enrolled or not'
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l missing -d 'The same table, only of those who could not sign in if everybody had to have a second factor'
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l csv -d 'The same as comma-separated values, for a spreadsheet'
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l html -d 'A page with plots, on standard output'
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l prometheus -d 'Print figures in the format of Prometheus'
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand activity" -s n -l lines -d 'Show so many of the latest lines' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand activity" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand activity" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand activity" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand log" -l since -d 'Show lines from then on: 30m, 2h or 3d ago, today, yesterday, 2026-11-22, or "2026-11-22 21:00" in local time' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand log" -l until -d 'Show lines up to then; without --since, those of the day before it' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand log" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand log" -s f -l follow -d 'Then wait for more, until Ctrl-C'
complete -c antiphon -n "__fish_antiphon_using_subcommand log" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand report" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand report" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand report" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand unlock" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand unlock" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -l phone -d 'Remove this phone alone, by its name; `antiphon status USER` names them' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -l account -d 'Remove this account alone, by its name, its provider or its subject' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -l forget -d 'End only the page of a phone that was removed while antiphond was away; `remove` has said its credential' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -l purge -d 'Remove the state and the activity as well'
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -s y -l yes -d 'Do not ask'
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -l force -d 'Remove the phone or account even if it is the person\'s only way in to some service'
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand recovery" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand recovery" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand recovery" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and not __fish_seen_subcommand_from add remove" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and not __fish_seen_subcommand_from add remove" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and not __fish_seen_subcommand_from add remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and not __fish_seen_subcommand_from add remove" -f -a "add" -d 'Add a number; everything else that the person has stays'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and not __fish_seen_subcommand_from add remove" -f -a "remove" -d 'Remove a number; a code that is on its way there no longer counts'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from add" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from add" -l sms -d 'Send text messages there'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from add" -l call -d 'Call there, and read the code out'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from add" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from remove" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from remove" -l force -d 'Remove it even if it is the person\'s only way in to some service'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from remove" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand number; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and not __fish_seen_subcommand_from refresh check" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and not __fish_seen_subcommand_from refresh check" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and not __fish_seen_subcommand_from refresh check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and not __fish_seen_subcommand_from refresh check" -f -a "refresh" -d 'Fetch the keys with which the providers sign'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and not __fish_seen_subcommand_from refresh check" -f -a "check" -d 'Ask a provider what it says of itself, and look for what is wrong'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and __fish_seen_subcommand_from refresh" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and __fish_seen_subcommand_from refresh" -l if-due -d 'Only if keys are missing or 55 minutes old, or if antiphond has asked for new ones; at most every five minutes'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and __fish_seen_subcommand_from refresh" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and __fish_seen_subcommand_from refresh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and __fish_seen_subcommand_from check" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand providers; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand bypass" -l for -d 'How long it serves: minutes, hours or days, as in 30m, 2h or 1d; at most 7d, or with --sealed 366d' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand bypass" -l uses -d 'How many sign-ins it serves for, at most 100' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand bypass" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand bypass" -l sealed -d 'Print a page for an envelope, in Swedish and English, with the code and what to do with it; needs --for'
complete -c antiphon -n "__fish_antiphon_using_subcommand bypass" -l end -d 'Withdraw the code that there is'
complete -c antiphon -n "__fish_antiphon_using_subcommand bypass" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand bypass" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "init" -d 'Set up a fleet on this computer, which becomes its first relay and its enrolment host'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "token" -d 'Make a token, with which hosts join the fleet'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "tokens" -d 'List the tokens with which hosts can still join'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "withdraw" -d 'Withdraw a token: nobody joins with it any more'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "relay" -d 'Make another relay: writes what it needs to a folder, to be carried there'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "renew" -d 'Sign again what would expire, and publish what has not been published'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "adopt" -d 'Make the phones that people have on this computer the fleet\'s'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "check" -d 'Look for faults of this computer\'s part of the fleet, and ask each relay'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and not __fish_seen_subcommand_from init token tokens withdraw relay renew adopt check status" -f -a "status" -d 'Show this computer\'s part of the fleet: names, relays, keys and dates'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from init" -l relay -d 'This computer as hosts reach it: a name or address, and a port if it is not 8471' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from init" -l root-key -d 'The file for the root key, on a disk that you can take away' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from init" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from init" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from token" -l hosts -d 'How many hosts may join with it' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from token" -l for -d 'How long it serves: minutes, hours or days, as in 30m, 2h or 30d; at most 90d' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from token" -l network -d 'Let hosts join from this network alone, as in 10.0.0.0/8' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from token" -l role -d 'What the hosts may do' -r -f -a "host\t'Ask phones about its own sign-ins'
enrol\t'Also enrol and remove phones, and let hosts join and leave'"
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from token" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from token" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from tokens" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from tokens" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from tokens" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from withdraw" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from withdraw" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from withdraw" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from relay" -l out -d 'The folder to write to, which must not be there yet' -r -f -a "(__fish_complete_directories)"
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from relay" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from relay" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from relay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from renew" -l root-key -d 'The root key\'s file: signs again which keys sign for the fleet' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from renew" -l leave-out -d 'Leave out another enrolment host\'s key for records: its signatures no longer count' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from renew" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from renew" -l new-key -d 'Replace this computer\'s key for records, which somebody else may have: its signatures no longer count'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from renew" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from renew" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from adopt" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from adopt" -s y -l yes -d 'Do not ask'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from adopt" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from check" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from status" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand fleet; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand join" -l name -d 'This host\'s name in the fleet, which people see on their phones; else the computer\'s name' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand join" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand join" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and not __fish_seen_subcommand_from revoke" -l silent -d 'Only hosts that have not been connected for so long, as in 7d' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and not __fish_seen_subcommand_from revoke" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and not __fish_seen_subcommand_from revoke" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and not __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and not __fish_seen_subcommand_from revoke" -f -a "revoke" -d 'Stop letting a host in, from its next connection on'
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and __fish_seen_subcommand_from revoke" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and __fish_seen_subcommand_from revoke" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand hosts; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand guide" -l language -d 'The language; else that of the configuration' -r -f -a "sv\t''
en\t''"
complete -c antiphon -n "__fish_antiphon_using_subcommand guide" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand guide" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand guide" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand page; and not __fish_seen_subcommand_from export" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand page; and not __fish_seen_subcommand_from export" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand page; and not __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand page; and not __fish_seen_subcommand_from export" -f -a "export" -d 'Write the page\'s files, for another web server than antiphond'
complete -c antiphon -n "__fish_antiphon_using_subcommand page; and __fish_seen_subcommand_from export" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand page; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand page; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand check" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand check" -l fix -d 'Write anew what people see of their own ways to sign in, after a record was edited by hand; no record and no state is changed'
complete -c antiphon -n "__fish_antiphon_using_subcommand check" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand doctor" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand doctor" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -l revert -d 'Take it back after so long unless it is confirmed: seconds, minutes or hours, as in 90s, 2m or 1h' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -l all -d 'All services that ask for a password, by pam-auth-update'
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -s y -l yes -d 'Ask nothing and take nothing back: the change stays'
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -l later -d 'Ask nothing here: the change is taken back in time unless antiphon confirm is run, as after a sign-in that worked'
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -l dry-run -d 'Change nothing: show what would be changed, or why it would be refused'
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -l revert -d 'Take it back after so long unless it is confirmed: seconds, minutes or hours, as in 90s, 2m or 1h' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -l all -d 'All services that ask for a password, by pam-auth-update'
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -s y -l yes -d 'Ask nothing and take nothing back: the change stays'
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -l later -d 'Ask nothing here: the change is taken back in time unless antiphon confirm is run, as after a sign-in that worked'
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -l dry-run -d 'Change nothing: show what would be changed, or why it would be refused'
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand edit" -l revert -d 'Take it back after so long unless it is confirmed: seconds, minutes or hours, as in 90s, 2m or 1h' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand edit" -l check -d 'Change nothing: say whether this file could take the configuration\'s place' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand edit" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand edit" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand confirm" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand confirm" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand confirm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c antiphon -n "__fish_antiphon_using_subcommand revert" -l guard -d 'Only this change, after so many seconds and then until it succeeds: what waits in the background for it' -r
complete -c antiphon -n "__fish_antiphon_using_subcommand revert" -l config -d 'Read this configuration instead of /etc/antiphon/antiphon.toml' -r -F
complete -c antiphon -n "__fish_antiphon_using_subcommand revert" -l leave -d 'End a change of which a file could not be taken back, because somebody else has edited the same lines: the file stays as it is now. To be run when you have looked at it'
complete -c antiphon -n "__fish_antiphon_using_subcommand revert" -l json -d 'Print one JSON object on standard output; everything else goes to standard error'
complete -c antiphon -n "__fish_antiphon_using_subcommand revert" -s h -l help -d 'Print help (see more with \'--help\')'
