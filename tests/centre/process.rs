//! One of our binaries as a child process: started, watched until `ready`, asked to leave, killed, started again.
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// A debug build migrates and imports within this on a busy two-core machine.
const READY_WAIT_MAX: Duration = Duration::from_secs(60);
const STOP_WAIT_MAX: Duration = Duration::from_secs(20);
const LOG_LINES_SHOWN: usize = 25;

/// `target/debug/NAME`, which `tests/run` builds beforehand, or `target/release/NAME` for a release's harness;
/// `MOTCUA_BIN` names another `motcua`.
pub fn binary(name: &str) -> PathBuf {
    if let (Ok(path), "motcua") = (env::var("MOTCUA_BIN"), name) {
        return path.into();
    }
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let path = target.join(if cfg!(debug_assertions) { "debug" } else { "release" }).join(name);
    assert!(path.is_file(), "{} is not built: cargo build --workspace --bins", path.display());
    path
}

/// What to run, and where.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Names the log.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Added to this process's environment.
    pub environment: Vec<(String, String)>,
    /// Its working folder; its log is `NAME.log` in it.
    pub folder: PathBuf,
}

impl Plan {
    fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    fn spawn(&self) -> Child {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        Command::new(&self.command[0])
            .args(&self.command[1..])
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", self.command[0]))
    }
}

/// A process that printed `ready`.
pub struct Process {
    plan: Plan,
    child: Child,
    /// The `key TAB value` lines before `ready`.
    pub said: BTreeMap<String, String>,
}

impl Process {
    /// Starts it and waits for its `ready` line.
    pub async fn start(plan: Plan) -> Self {
        let mut process = Self { child: plan.spawn(), plan, said: BTreeMap::new() };
        process.wait_ready().await;
        process
    }

    /// The same command again, beside this process: under a name of its own and with this much more environment.
    pub async fn another(&self, name: &str, more: &[(&str, &str)]) -> Self {
        let mut plan = Plan { name: name.to_owned(), ..self.plan.clone() };
        plan.environment.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Self::start(plan).await
    }

    async fn wait_ready(&mut self) {
        let mut lines = BufReader::new(self.child.stdout.take().unwrap()).lines();
        let ready = timeout(READY_WAIT_MAX, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let mut parts = line.split('\t');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some("ready"), Some(service), Some(url)) => {
                        self.said.insert(service.to_owned(), url.to_owned());
                        return true;
                    }
                    (Some("ready"), ..) => return true,
                    (Some(key), Some(value), _) => {
                        self.said.insert(key.to_owned(), value.to_owned());
                    }
                    _ => {}
                }
            }
            false
        })
        .await;
        assert!(
            ready == Ok(true),
            "{} did not become ready ({ready:?}); its log ends:\n{}",
            self.plan.name,
            self.log_end()
        );
        // Drained for ever, so that a later line cannot fill the pipe.
        tokio::spawn(drain(lines));
    }

    /// Process id, for signals that this type has no method for.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// `kill -NAME`: STOP and CONT for a frozen process.
    pub async fn signal(&self, name: &str) {
        let done = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.id())]).status().await.unwrap();
        assert!(done.success(), "kill -{name} {}", self.plan.name);
    }

    /// Changes the environment of the next start.
    pub fn set(&mut self, key: &str, value: String) {
        self.plan.environment.push((key.to_owned(), value));
    }

    /// Runs another command of the same program, with the same environment, to its end and gives what it printed.
    pub async fn run(&self, arguments: &[&str]) -> String {
        let Plan { command, environment, folder, .. } = &self.plan;
        let mut program = Command::new(&command[0]);
        program.args(arguments).envs(environment.iter().map(|(key, value)| (key, value))).current_dir(folder);
        let out = program.output().await.unwrap();
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    /// SIGKILL, and gone.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM, and how it left.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal("TERM").await;
        let left = timeout(STOP_WAIT_MAX, self.child.wait()).await;
        left.unwrap_or_else(|_| panic!("{} did not leave; its log ends:\n{}", self.plan.name, self.log_end())).unwrap()
    }

    /// Starts the same command again, after `kill` or `stop`.
    pub async fn restart(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.stop().await;
        }
        self.child = self.plan.spawn();
        self.wait_ready().await;
    }

    /// Everything logged so far, over all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(self.plan.log()).unwrap_or_default()
    }

    fn log_end(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
    }
}

async fn drain(mut lines: tokio::io::Lines<BufReader<ChildStdout>>) {
    while let Ok(Some(_)) = lines.next_line().await {}
}
