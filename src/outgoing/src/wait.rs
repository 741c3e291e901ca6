//! For programs that do one thing after the other.

use tokio::runtime::Builder;

/// Does `what`, and waits for it. Must not be called where there is a runtime already.
///
/// # Errors
/// One sentence, if there can be no runtime.
pub fn wait_for<T>(what: impl Future<Output = T>) -> Result<T, String> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no requests can be sent: {error}"))?;
    let done = runtime.block_on(what);
    // A look-up that nobody answers keeps nobody.
    runtime.shutdown_background();
    Ok(done)
}
