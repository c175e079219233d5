//! Ctrl-C at a question.
//!
//! While dialoguer reads a key the terminal is raw, Ctrl-C is a key like others, and the question ends by itself. In the
//! moments between two reads it is a signal, and the read that follows would wait as if nothing had happened. A thread
//! looks after that case: it gives the terminal back as it was, and ends the program. Nothing is ever half written then,
//! since it acts while a question is open and at no other time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use console::Term;
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::prompt::Stopped;
use crate::exit::Exit;

/// How long a question has to end by itself.
const GRACE: Duration = Duration::from_millis(200);

/// Whether a question is open; shared with the thread.
#[derive(Debug, Clone, Default)]
pub struct Open(Arc<AtomicBool>);

impl Open {
    /// Starts the thread, and comes back when Ctrl-C reaches it. Where that cannot be, questions still end by the key.
    pub fn watched() -> Self {
        let open = Self::default();
        let before = tcgetattr(std::io::stdin()).ok();
        let shared = open.clone();
        let (ready, is_ready) = mpsc::channel();
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                let Ok(interrupts) = signal(SignalKind::interrupt()) else { return };
                // The prompter may have gone already; then there is nothing to watch.
                let _ = ready.send(());
                shared.watch(interrupts, before).await;
            });
        });
        // An error means that the thread has ended without a signal to wait for.
        let _ = is_ready.recv();
        open
    }

    /// Marks a question as open, or as over.
    pub fn set(&self, open: bool) {
        self.0.store(open, Ordering::SeqCst);
    }

    async fn watch(&self, mut interrupts: Signal, before: Option<Termios>) {
        while interrupts.recv().await.is_some() {
            tokio::time::sleep(GRACE).await;
            if self.0.load(Ordering::SeqCst) {
                if let Some(before) = &before {
                    let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, before);
                }
                let _ = Term::stderr().show_cursor();
                let _ = super::complain(&format!("\nbedrockup: {Stopped}"));
                // The main thread is inside a read that nothing else ends.
                std::process::exit(Exit::Interrupted as i32);
            }
        }
    }
}
