//! The list: what stands in it, where and for whom.

use antiphon_core::record::TelephoneUse;
use antiphon_core::text::Language;
use antiphon_tests::{LyingDaemon, PamHost, Sshd, in_world};

use super::{CHOICE, TEL, TELEPHONE, alice_with_everything, doors, number};

/// The list that is on the screen last.
fn list_in(shown: &str) -> Vec<String> {
    let (_, list) = shown.rsplit_once("1. ").unwrap();
    format!("1. {list}")
        .lines()
        .filter(|line| line.contains(". "))
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[test]
fn everywhere_the_list_shows_the_ways_of_this_person_in_both_languages() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let (mut alice, _) = alice_with_everything(world);
        for (language, expected) in [
            (
                Language::English,
                [
                    "1. Approve a request in my authenticator app",
                    "2. Use a verification code",
                    "3. Text +XX XXXXXXXXX21",
                    "4. Call +XX XXXXXXXXX21",
                    "5. Use a recovery code",
                    "6. Look after my methods",
                    "7. Cancel",
                ],
            ),
            (
                Language::Swedish,
                [
                    "1. Godkänn en begäran i min autentiseringsapp",
                    "2. Använd en verifieringskod",
                    "3. Skicka sms till +XX XXXXXXXXX21",
                    "4. Ring +XX XXXXXXXXX21",
                    "5. Använd en återställningskod",
                    "6. Ändra mina inloggningssätt",
                    "7. Avbryt",
                ],
            ),
        ] {
            alice.speak(language);
            for door in doors() {
                let mut terminal = door.open(world, &sshd);
                let _call = daemon.asked();
                let hint = ["(? for other ways): ", "(? för andra sätt): "];
                terminal.expect_any(&hint);
                terminal.send_line("?").expect_any(&CHOICE);
                assert_eq!(list_in(&terminal.shown()), expected, "{door:?}");
                terminal.send_line("7");
                let text = terminal.interrupt().text;
                assert!(!text.contains(TEL) && !text.contains("here is"), "{text}");
            }
        }
        let logged = world.log().lines().join("\n");
        assert!(!logged.contains(TEL), "{logged}");
    });
}

#[test]
fn a_number_without_uses_or_gateway_is_no_way_and_used_up_recovery_codes_are_none() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.change(|record| {
            record.numbers = vec![
                number("+46701234511", &[]),
                number("+46701234512", &[TelephoneUse::Sms]),
                number("+46701234513", &[TelephoneUse::Call]),
            ];
            record.recovery.as_mut().unwrap().hashes.truncate(1);
        });
        for (config, expected) in [
            (
                "",
                "1. Use a verification code\n2. Use a recovery code\n3. Look after my methods\n4. Cancel",
            ),
            (
                "[telephone]\nsms = true\n",
                "1. Use a verification code\n2. Text +XX XXXXXXXXX12\n3. Use a recovery code\n4. Look after my methods\n5. Cancel",
            ),
            (
                TELEPHONE,
                "1. Use a verification code\n2. Text +XX XXXXXXXXX12\n3. Call +XX XXXXXXXXX13\n4. Use a recovery \
                 code\n5. Look after my methods\n6. Cancel",
            ),
        ] {
            world.configure(config);
            let played = PamHost::new(world, "alice").answer("?").play();
            let list = &played.said()[1].text;
            assert_eq!(
                *list,
                format!("How do you want to show that it is you?\n{expected}\nYour choice: ")
            );
        }
        world.configure("");
        let used = PamHost::new(world, "alice")
            .answer(&alice.recovery[0])
            .play();
        assert_eq!(used.result(), "PAM_SUCCESS");
        let played = PamHost::new(world, "alice").answer("?").play();
        let list = &played.said()[1].text;
        assert!(
            list.contains("1. Use a verification code\n2. Look after my methods\n3. Cancel\n"),
            "{list}"
        );
    });
}

#[test]
fn while_codes_are_locked_the_list_has_only_what_nobody_can_guess() {
    in_world(|world| {
        let (alice, _) = alice_with_everything(world);
        world.configure(&format!(
            "{TELEPHONE}[throttle]\nattempts = 1\nfirst_lock = 900\n"
        ));
        let locked = PamHost::new(world, "alice")
            .answer(alice.wrong_code())
            .play();
        assert_eq!(locked.result(), "PAM_MAXTRIES", "{locked:#?}");
        let played = PamHost::new(world, "alice").answer("?").play();
        let list = played.said().pop().unwrap().text;
        assert!(
            list.ends_with(
                "1. Approve a request in my authenticator app\n2. Use a recovery code\n3. Look after my methods\n4. Cancel\nYour choice: "
            ),
            "{list}"
        );
    });
}
