//! A program on this host: started without a shell, with an empty environment, in a process group of its own that is
//! killed when it finishes or times out.

use std::process::Stdio;
use std::time::Duration;

use antiphon_gateway::CommandGateway;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command as Process;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::message::Message;
use super::{Failure, words};

/// How much of its output is kept, in bytes.
const MOST_KEPT: usize = 4096;
/// How long to wait for its remaining output after it has exited: a child of its own may keep the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Kills the whole process group on drop, however the sending ends.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // Usually none is left.
            let _ = killpg(leader, Signal::SIGKILL);
        }
    }
}

/// Runs the program for `message`.
pub(super) async fn send(settings: &CommandGateway, message: &Message) -> Result<(), Failure> {
    let arguments = arguments(settings, message)
        .ok_or_else(|| Failure::refused("was not started: a value would be read as an option"))?;
    let stdin = &settings.stdin;
    let mut child = Process::new(&settings.program)
        .args(arguments.iter().map(|argument| argument.as_str()))
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LANG", "C.UTF-8")
        .env("HOME", "/nonexistent")
        .current_dir("/")
        .stdin(if stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Failure::no_answer(format!("cannot be started: {error}")))?;
    let leader = child.id().and_then(|id| i32::try_from(id).ok());
    let group = Group(leader.map(Pid::from_raw));
    let said = tokio::spawn(listen(child.stdout.take(), child.stderr.take()));
    let given = child.stdin.take().zip(stdin.as_ref());
    let lasts = Duration::from_secs(settings.timeout.into());
    let whole = async {
        if let Some((mut pipe, template)) = given {
            let text = template.fill(&message.filling(), None);
            // A program that does not read it reports by its status whether that matters.
            let _ = pipe.write_all(text.as_bytes()).await;
        }
        child.wait().await
    };
    let ended = timeout(lasts, whole).await;
    drop(group);
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => {
            let said = match timeout(LAST_WORDS, said).await {
                Ok(Ok(said)) => said,
                _ => Zeroizing::default(),
            };
            let said = words::of_gateway(&said, message);
            Err(Failure::refused(format!("ended with {status}: {said}")))
        }
        Ok(Err(error)) => Err(Failure::no_answer(format!("was lost: {error}"))),
        Err(_) => {
            let seconds = lasts.as_secs();
            Err(Failure::no_answer(format!(
                "was killed: it took more than {seconds} s"
            )))
        }
    }
}

/// The arguments; `None` if a value would become an option of the program.
fn arguments(settings: &CommandGateway, message: &Message) -> Option<Vec<Zeroizing<String>>> {
    let filling = message.filling();
    let arguments = settings.arguments.iter().map(|template| {
        let argument = template.fill(&filling, None);
        let is_option = template.begins_with_a_value() && argument.starts_with('-');
        (!is_option).then_some(argument)
    });
    arguments.collect()
}

/// Reads both to the end, so that the program never blocks, and keeps the start of each.
async fn listen(
    output: Option<impl AsyncRead + Unpin>,
    errors: Option<impl AsyncRead + Unpin>,
) -> Zeroizing<Vec<u8>> {
    let (mut errors, output) = tokio::join!(beginning(errors), beginning(output));
    errors.push(b' ');
    errors.extend_from_slice(&output);
    errors
}

async fn beginning(stream: Option<impl AsyncRead + Unpin>) -> Zeroizing<Vec<u8>> {
    let mut kept = Zeroizing::new(Vec::with_capacity(MOST_KEPT + 1 + MOST_KEPT));
    let Some(mut stream) = stream else {
        return kept;
    };
    let mut piece = Zeroizing::new([0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut *piece).await {
        let room = MOST_KEPT.saturating_sub(kept.len());
        kept.extend(piece.iter().take(length.min(room)));
    }
    kept
}
