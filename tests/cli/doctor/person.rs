//! One service line by line, and what a person would be asked there.

use antiphon_tests::{Passkey, in_world};

use super::Clinic;

#[test]
fn one_service_is_shown_line_by_line_and_what_a_person_would_be_asked_there() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        world.configure("language = \"sv\"\n");
        let before = (world.state("alice"), world.log().lines().len());
        let said = clinic.doctor(&["sshd", "alice"]).done();
        for part in [
            "sshd  asks ",
            "\n  /etc/pam.d/common-auth:1  auth [success=1 default=ignore] pam_unix.so nodelay\n",
            "\nalice\n  pam_unix asks for the password or its equivalent (/etc/pam.d/common-auth:1)\n",
            "    | Verification code / kod",
            "  after typing ?:\n    | ",
        ] {
            assert!(said.out.contains(part), "no {part:?} in {said:#?}");
        }
        let object = clinic.doctor(&["sshd", "alice", "--json"]).done().object();
        assert_eq!(object["services"][0]["verdict"], "asks");
        assert_eq!(object["person"]["user"], "alice");
        assert_eq!(object["person"]["scenes"].as_array().unwrap().len(), 3);
        // Nothing was counted, written or logged.
        assert_eq!((world.state("alice"), world.log().lines().len()), before);
        clinic.types("rm /etc/antiphon/users/bob.toml");
        let said = clinic.doctor(&["sshd", "bob"]);
        assert!(
            said.out.contains("pam_antiphon refuses (not-enrolled)"),
            "{said:#?}"
        );
        world.configure("[exempt]\nservices = [\"su\"]\n");
        let said = clinic.doctor(&["su", "alice"]);
        assert!(
            said.out.contains("does not ask (exempt-service)")
                && said.out.contains("su  does not ask "),
            "{said:#?}"
        );
        let _ = clinic
            .doctor(&["sshd", "nobody-of-this-name"])
            .failed(67, "the system knows no such user");
        let said = clinic.doctor(&["no-such-service"]);
        assert!(
            said.out
                .contains("no file of its own: /etc/pam.d/other applies"),
            "{said:#?}"
        );
    });
}

#[test]
fn a_phone_is_shown_with_an_example_of_a_number_and_is_not_called() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        let phone = Passkey::new("Pixel 9", "http://localhost:8470").phone();
        world
            .enrol("alice")
            .change(|record| record.phones.push(phone));
        for (service, enter) in [("sudo", false), ("sshd", true)] {
            let said = clinic.doctor(&[service, "alice"]);
            assert!(
                said.out.contains("the phone is called (Pixel 9)"),
                "{said:#?}"
            );
            assert!(
                said.out.contains("Enter the number 42 on your phone"),
                "{said:#?}"
            );
            assert_eq!(
                said.out.contains("press Enter"),
                enter,
                "{service}: {said:#?}"
            );
        }
    });
}
