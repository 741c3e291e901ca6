//! Tests that run in each browser: of what browsers do differently, which is passkeys, storage, the worker, connections,
//! focus and looks. What the page does by itself, one of them shows for both.

/// Makes tests `NAME::chromium` and `NAME::firefox` of a function that takes an [`Engine`](crate::browser::Engine); `in_house:`
/// stands before one that takes the [`World`](antiphon_tests::World) of such a test as well.
macro_rules! in_each_browser {
    (in_house: $rule:ident) => {
        mod $rule {
            #[test]
            fn chromium() {
                let engine = crate::browser::Engine::Chromium;
                crate::daemon::in_house(|world| super::$rule(world, engine));
            }

            #[test]
            fn firefox() {
                let engine = crate::browser::Engine::Firefox;
                crate::daemon::in_house(|world| super::$rule(world, engine));
            }
        }
    };
    ($rule:ident) => {
        mod $rule {
            #[test]
            fn chromium() {
                super::$rule(crate::browser::Engine::Chromium);
            }

            #[test]
            fn firefox() {
                super::$rule(crate::browser::Engine::Firefox);
            }
        }
    };
}
