//! The end of each `--help` and man page: examples and exit statuses.

pub(crate) const ANTIPHON: &str = "\
Examples:
  antiphon enroll alice        give alice a second factor
  antiphon import oath /etc/users.oath      go on with the secrets that there are
  antiphon status              see how everybody stands
  antiphon activity alice      see alice's recent sign-ins
  antiphon log --since 2h      see what was logged
  antiphon check               look for faults before others find them
  antiphon doctor              see whether every sign-in asks for it

Exit status (those of sysexits.h):
  0   done
  1   done for many people, but some were left out
  64  the arguments make no sense
  65  a wrong code, a passkey or answer of a phone that does not count, or a
      name that nobody can have
  66  standard input ended too soon, or a file is not there
  67  the system knows no such user, or the user is not enrolled
  68  the fleet has no such host
  69  the user database, the kernel's randomness or antiphond is out of reach
  73  the person has it already, or a file cannot be made
  74  standard output or a file cannot be written
  75  another process is at it, no phone came in time, or it was stopped by
      Ctrl-C: try again
  77  only root can do this, or only for yourself
  78  configuration, folder, record or state needs a fix";

pub(crate) const ENROLL: &str = "\
Examples:
  antiphon enroll alice
  antiphon enroll alice --replace          alice needs a new secret
  antiphon enroll alice --phone            alice approves on a phone, too
  antiphon enroll alice --account kmh      alice approves with her KMH account, too
  antiphon enroll alice --account kmh --subject 3f07c1d2   without a sign-in of hers
  antiphon enroll alice --language sv      alice is asked in Swedish
  antiphon enroll alice --no-confirm --json | jq -r .otpauth
  antiphon enroll --group staff --letters /root/letters
  antiphon enroll --from people.csv --letters /root/letters --yes

Exit status:
  0   done; of many, everybody
  1   of many, some were left out, and each has a line that says why
  Others as in antiphon(8).";

pub(crate) const IMPORT: &str = "\
Examples:
  antiphon import google-authenticator --home              look, and write nothing
  antiphon import google-authenticator --home --yes
  antiphon import google-authenticator /etc/secrets/alice --yes
  antiphon import oath /etc/users.oath --yes
  antiphon import accounts people.csv                      who has which account at a provider
  antiphon import oath - --yes                             lines of such a file, from another program

Exit status:
  0   everybody can be, or was, imported, now or before
  1   some were left out, and each has a line that says why
  Others as in antiphon(8).";

pub(crate) const STATUS: &str = "\
Examples:
  antiphon status
  antiphon status alice
  antiphon status --missing
  antiphon status --csv > people.csv
  antiphon status --html --language sv > status.html
  antiphon status --prometheus >/var/lib/prometheus/node-exporter/antiphon.prom
  antiphon status --json | jq -r '.users[] | select(.codes != \"open\").user'";

pub(crate) const ACTIVITY: &str = "\
Examples:
  antiphon activity
  antiphon activity alice -n 100
  antiphon activity --json | jq '.events[] | select(.outcome == \"wrong\")'";

pub(crate) const LOG: &str = "\
Examples:
  antiphon log
  antiphon log alice --since yesterday
  antiphon log --since 2026-11-22T21:00 --until 2026-11-22T22:00
  antiphon log --follow
  antiphon log --json | jq -r 'select(.fields.outcome == \"locked\").fields.user'
  journalctl _UID=0 ANTIPHON_OUTCOME=locked";

pub(crate) const REPORT: &str = "\
Examples:
  antiphon report
  antiphon report k7w2mq3a           as antiphon activity names it";

pub(crate) const UNLOCK: &str = "\
Example:
  antiphon unlock alice";

pub(crate) const REMOVE: &str = "\
Examples:
  antiphon remove alice
  antiphon remove alice --phone pixel      alice has lost that phone
  antiphon remove alice --account kmh      and that account is no longer hers
  antiphon remove alice --purge --yes      and forget everything, without a question";

pub(crate) const RECOVERY: &str = "\
Example:
  antiphon recovery alice";

pub(crate) const NUMBER: &str = "\
Examples:
  antiphon number add alice +46701234567
  antiphon number add alice +46701234567 --sms      texts, but no calls
  antiphon number remove alice +46701234567";

pub(crate) const BYPASS: &str = "\
Examples:
  antiphon bypass alice                        one sign-in, within two hours
  antiphon bypass alice --for 1d --uses 3
  antiphon bypass alice --end                  alice has her phone again
  antiphon bypass root --sealed --for 365d | lp  for the safe";

pub(crate) const FLEET: &str = "\
Examples:
  antiphon fleet init example --relay relay1.example.org --root-key /media/usb/root.key
  antiphon fleet token --hosts 20 --for 2h
  antiphon enroll alice --phone          for all hosts of the fleet
  antiphon fleet check";

pub(crate) const FLEET_INIT: &str = "\
Examples:
  antiphon fleet init example --relay relay1.example.org --root-key /media/usb/root.key
  antiphon fleet init lab --relay 192.0.2.7:9471 --root-key /media/usb/root.key

Exit status:
  0   the fleet is set up, now or before
  73  this computer is one of another fleet, or a file cannot be made
  Others as in antiphon(8).";

pub(crate) const FLEET_TOKEN: &str = "\
Examples:
  antiphon fleet token
  antiphon fleet token --hosts 200 --for 2h
  antiphon fleet token --hosts 5000 --for 30d --network 10.0.0.0/8    for images of a cloud
  antiphon fleet token --role enrol        for another enrolment host
  antiphon fleet token | ssh root@db7 antiphon join -";

pub(crate) const FLEET_TOKENS: &str = "\
Example:
  antiphon fleet tokens";

pub(crate) const FLEET_WITHDRAW: &str = "\
Example:
  antiphon fleet withdraw 3f9c27a1";

pub(crate) const FLEET_RELAY: &str = "\
Example:
  antiphon fleet relay relay2.example.org --out /root/relay2";

pub(crate) const FLEET_RENEW: &str = "\
Examples:
  antiphon fleet renew
  antiphon fleet renew alice               publish the phones that alice has here
  antiphon fleet renew --root-key /media/usb/root.key
  antiphon fleet renew --root-key /media/usb/root.key --new-key    records.key was stolen
  antiphon fleet renew --root-key /media/usb/root.key --leave-out records-enrol2

Exit status:
  0   everything is signed and published
  1   something is not, and each has a line that says why
  Others as in antiphon(8).";

pub(crate) const FLEET_ADOPT: &str = "\
Examples:
  antiphon fleet adopt
  antiphon fleet adopt --yes

Exit status:
  0   everybody's phones can be, or were, published
  1   somebody's were not, and each has a line that says why
  65  nothing was done, as you said
  Others as in antiphon(8).";

pub(crate) const FLEET_CHECK: &str = "\
Example:
  antiphon fleet check";

pub(crate) const FLEET_STATUS: &str = "\
Example:
  antiphon fleet status";

pub(crate) const JOIN: &str = "\
Examples:
  antiphon join ANT1-relay1.example.org:8471-...
  antiphon fleet token | ssh root@db7 antiphon join -
  antiphon join ANT1-relay1.example.org:8471-... --name db7.example.org

Exit status:
  0   this computer is a host of the fleet, now or before
  65  the token does not serve, or the relay is not the one that it is for
  69  the relay cannot be reached
  73  another host has the name, or this computer is one of another fleet
  Others as in antiphon(8).";

pub(crate) const HOSTS: &str = "\
Examples:
  antiphon hosts
  antiphon hosts --silent 7d
  antiphon hosts revoke db7
  antiphon hosts --json | jq -r '.hosts[] | select(.revoked == null).name'";

pub(crate) const HOSTS_REVOKE: &str = "\
Example:
  antiphon hosts revoke db7";

pub(crate) const PROVIDERS: &str = "\
Examples:
  antiphon providers                   which there are, and their keys
  antiphon providers refresh           fetch all keys now
  antiphon providers check kmh         what the provider says of itself

Exit status:
  0   done
  1   the keys of some providers could not be fetched
  69  none could be fetched
  Others as in antiphon(8).";

pub(crate) const GUIDE: &str = "\
Examples:
  antiphon guide >guide.html
  antiphon guide --language sv >/srv/intranet/guide.html";

pub(crate) const PAGE: &str = "\
Examples:
  antiphon page export /srv/antiphon
  rsync -a --delete /srv/antiphon www1.example.org:/srv/

Exit status:
  0   the folder is as it should be
  73  something in it is not ours, or it cannot be written
  75  another program is at it
  78  [page] relays is not set
  Others as in antiphon(8).";

pub(crate) const CHECK: &str = "\
Examples:
  antiphon check
  antiphon check --fix         a record was edited by hand
  antiphon check --config /root/antiphon.toml.new      before it is put in place";

pub(crate) const DOCTOR: &str = "\
Examples:
  antiphon doctor
  antiphon doctor sshd              one service, line by line
  antiphon doctor sshd alice        and what alice would be asked
  antiphon doctor --json | jq -r '.services[] | select(.verdict != \"asks\").service'

Exit status:
  0   nothing was found
  1   warnings
  2   faults: somebody is locked out, or gets in without a second factor
  Others as in antiphon(8).";

pub(crate) const ENABLE: &str = "\
Examples:
  antiphon enable sshd                  sign in from elsewhere, then type yes
  antiphon enable sudo sudo-i           sudo -i reads a file of its own
  antiphon enable sshd --revert 10m     ten minutes to try it
  antiphon enable --all                 every service at once
  antiphon enable sshd --dry-run        what would be changed, or why not
  antiphon enable sshd --yes            from a script: nothing is asked, and nothing taken back

Exit status:
  0   the change stays, or there was nothing to change
  65  the change was taken back, as you said
  75  it was taken back because nobody confirmed it; or another change still waits
  78  it would lock people out or could be jumped over: nothing was changed; or it could
      not be taken back in a file that somebody else has edited: see antiphon doctor
  Others as in antiphon(8).";

pub(crate) const DISABLE: &str = "\
Examples:
  antiphon disable sudo sudo-i
  antiphon disable --all

Exit status:
  As with antiphon enable.";

pub(crate) const EDIT: &str = "\
Examples:
  antiphon edit
  antiphon edit --revert 2m        and take it back unless a sign-in works
  EDITOR=nano antiphon edit
  antiphon edit --check new.toml   whether it could take the file's place

Exit status:
  0   the change stays, there was nothing to change, or there is no fault in the file of --check
  78  there is one
  Others as in antiphon(8).";

pub(crate) const CONFIRM: &str = "\
Example:
  antiphon enable sshd --later --revert 5m && ssh another@host true && antiphon confirm

Exit status:
  0   the change stays
  75  none waits: it has been taken back already
  78  it was taken back, but for a file that somebody else has edited: see antiphon doctor
  Others as in antiphon(8).";

pub(crate) const REVERT: &str = "\
Examples:
  antiphon revert
  antiphon revert --leave          you have looked at the file that was left

Exit status:
  0   no change is open any more
  74  a file could not be written: it is tried again in the background
  78  somebody else has edited the same lines, and the file was left as it is: see antiphon doctor
  Others as in antiphon(8).";
