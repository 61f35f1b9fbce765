//! A network receipt printer: it reads ESC/POS strictly, keeps each ticket as a picture, answers status questions, and
//! runs out of paper on demand.
use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

use super::{
    escpos::{Command, DOTS_WIDE_MAX, Garbage, Reader},
    http,
};
use crate::wait;

/// What the sensors say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sensors {
    /// Nothing prints until it is filled again; what was sent waits in the buffer.
    pub paper_out: bool,
    /// A last few tickets are left.
    pub paper_near_end: bool,
    /// Nothing prints until it is shut.
    pub cover_open: bool,
    /// The cutter is stuck: nothing prints.
    pub cutter_error: bool,
}

impl Sensors {
    fn blocked(self) -> bool {
        self.paper_out || self.cover_open || self.cutter_error
    }
}

/// One ticket's misfortune: of the next connection that sends more than questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Resets the connection after this many bytes of the ticket: half a ticket hangs out.
    ResetAfter(usize),
    /// Reads nothing after this many bytes, as a jammed print server does.
    StallAfter(usize),
    /// Prints everything and does not tell that it is out.
    MuteEnd,
    /// The roll ends under this connection after so many bands: half a ticket hangs out.
    RunsOutAfter(usize),
}

/// What came out, up to a cut or the end of its connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// Rows of [`DOTS_WIDE_MAX`] dots, one bit each, 1 is black, blank feed included.
    pub rows: Vec<u8>,
    /// The paper was cut: without it a citizen cannot take the ticket.
    pub cut: bool,
    /// Began with ESC @.
    pub initialized: bool,
    /// Raster bands.
    pub bands: usize,
    /// Dots across its widest band: what the kiosk takes its paper for.
    pub width: usize,
}

const ROW_BYTES: usize = DOTS_WIDE_MAX / 8;

impl Job {
    /// Rows printed.
    pub fn height(&self) -> usize {
        self.rows.len() / ROW_BYTES
    }

    /// Whether a dot is black; outside the paper nothing is.
    pub fn is_black(&self, x: usize, y: usize) -> bool {
        let byte = self.rows.get(y * ROW_BYTES + x / 8).filter(|_| x < DOTS_WIDE_MAX);
        byte.is_some_and(|byte| byte >> (7 - x % 8) & 1 == 1)
    }

    /// Black dots.
    pub fn ink(&self) -> u32 {
        self.rows.iter().map(|b| b.count_ones()).sum()
    }

    /// The ticket as a greyscale PNG, for a QR reader or a person.
    pub fn png(&self) -> Vec<u8> {
        let mut out = vec![];
        let height = u32::try_from(self.height()).unwrap();
        let mut encoder = png::Encoder::new(&mut out, u32::try_from(DOTS_WIDE_MAX).unwrap(), height.max(1));
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let white: Vec<u8> = self.rows.iter().map(|byte| !byte).collect();
        let white = if white.is_empty() { vec![0xff; ROW_BYTES] } else { white };
        encoder.write_header().unwrap().write_image_data(&white).unwrap();
        out
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn print(&mut self, command: Command) {
        match command {
            Command::Initialize => self.initialized = true,
            Command::Raster { width_bytes, rows } => {
                self.bands += 1;
                self.width = self.width.max(width_bytes * 8);
                for row in rows.chunks(width_bytes) {
                    self.rows.extend_from_slice(row);
                    self.rows.resize(self.rows.len().next_multiple_of(ROW_BYTES), 0);
                }
            }
            Command::Feed(dots) => self.rows.resize(self.rows.len() + dots * ROW_BYTES, 0),
            Command::Cut { feed, .. } => {
                self.rows.resize(self.rows.len() + feed * ROW_BYTES, 0);
                self.cut = true;
            }
            Command::Status(_) | Command::Sensor => {}
        }
    }
}

#[derive(Default)]
struct State {
    sensors: Sensors,
    jobs: Vec<Job>,
    /// Never answers, whoever asks.
    mute: bool,
    /// A roll that ends under a connection ends once.
    ran_out: bool,
    garbage: Vec<Garbage>,
    faults: VecDeque<Fault>,
}

/// The running printer; dropping it stops it.
pub struct PrinterDouble {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl PrinterDouble {
    /// Listens on a free loopback port; one connection prints at a time, as on the real thing.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let inner = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                print(stream, &inner).await;
            }
        });
        Self { address, shared, task }
    }

    /// Where the kiosk sends its tickets.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything printed so far, in order.
    pub fn jobs(&self) -> Vec<Job> {
        self.shared.state().jobs.clone()
    }

    /// What was not ESC/POS: empty in a healthy run.
    pub fn garbage(&self) -> Vec<Garbage> {
        self.shared.state().garbage.clone()
    }

    /// Waits until `count` tickets were cut.
    pub async fn wait_cut(&self, count: usize) -> Vec<Job> {
        wait::until(&format!("{count} tickets cut"), || async {
            let cut: Vec<Job> = self.jobs().into_iter().filter(|job| job.cut).collect();
            (cut.len() >= count).then_some(cut)
        })
        .await
    }

    /// Moves the sensors.
    pub fn set_sensors(&self, sensors: Sensors) {
        self.shared.state().sensors = sensors;
        self.shared.changed.notify_waiters();
    }

    /// Answers nobody any more, or everybody again.
    pub fn set_mute(&self, mute: bool) {
        self.shared.state().mute = mute;
    }

    /// The next connections meet these faults, one each.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.state().faults.extend(faults);
    }
}

impl Drop for PrinterDouble {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one connection to its end. What the paper holds when it ends uncut is a job too.
async fn print(mut stream: TcpStream, shared: &Shared) {
    let mut fault = None;
    let mut limit = usize::MAX;
    let mut reader = Reader::default();
    let mut waiting: VecDeque<Command> = VecDeque::new();
    let mut job = Job::default();
    let mut taken = 0;
    let mut open = true;
    let mut buffer = [0; 4096];
    while open || !waiting.is_empty() {
        // Armed before the sensors are read, so that a change in between is not missed.
        let mut changed = std::pin::pin!(shared.changed.notified());
        for answer in release(&mut waiting, &mut job, fault, shared) {
            let _ = stream.write_all(&[answer]).await;
        }
        if !open && !waiting.is_empty() {
            (&mut changed).await;
            continue;
        }
        // Questions begin with DLE: whatever else comes is a ticket.
        let mut first = [0; 1];
        let tickets = tokio::select! {
            peeked = stream.peek(&mut first), if fault.is_none() && limit == usize::MAX => {
                matches!(peeked, Ok(1)) && first[0] != 0x10
            }
            () = std::future::ready(()), if fault.is_some() || limit != usize::MAX => false,
            () = &mut changed => continue,
        };
        if tickets {
            fault = shared.state().faults.pop_front();
            limit = match fault {
                Some(Fault::ResetAfter(bytes) | Fault::StallAfter(bytes)) => taken + bytes,
                // Nothing befalls this one.
                _ => usize::MAX - 1,
            };
        }
        let room = buffer.len().min(limit - taken);
        if room == 0 {
            if matches!(fault, Some(Fault::ResetAfter(_))) {
                http::reset(stream);
                break;
            }
            // Stalled: the client's patience is the only end.
            let gone = wait::until_within("a client that leaves", STALL, || async {
                stream.ready(Interest::READABLE).await.map_or(Some(()), |line| line.is_read_closed().then_some(()))
            });
            gone.await;
            break;
        }
        tokio::select! {
            read = stream.read(&mut buffer[..room]) => match read {
                Ok(0) | Err(_) => open = false,
                Ok(count) => {
                    taken += count;
                    reader.push(&buffer[..count]);
                    if let Err(garbage) = take(&mut reader, &mut waiting, &mut stream, shared).await {
                        shared.state().garbage.push(garbage);
                        break;
                    }
                }
            },
            () = &mut changed => {}
        }
    }
    if !job.is_empty() {
        shared.state().jobs.push(job);
    }
}

/// Longer than any client should wait for a printer.
const STALL: Duration = Duration::from_secs(60);

/// Reads whole commands; status questions overtake what waits for paper.
async fn take(
    reader: &mut Reader,
    waiting: &mut VecDeque<Command>,
    stream: &mut TcpStream,
    shared: &Shared,
) -> Result<(), Garbage> {
    while let Some(command) = reader.command()? {
        match command {
            Command::Status(question) => {
                let answer = status_byte(question, shared.state().sensors);
                if !shared.state().mute {
                    let _ = stream.write_all(&[answer]).await;
                }
            }
            other => waiting.push_back(other),
        }
    }
    Ok(())
}

/// Prints what may be printed, and gives what is answered in its turn.
fn release(waiting: &mut VecDeque<Command>, job: &mut Job, fault: Option<Fault>, shared: &Shared) -> Vec<u8> {
    let mut state = shared.state();
    let mut answers = vec![];
    while !state.sensors.blocked() {
        let Some(command) = waiting.pop_front() else { break };
        if command == Command::Sensor {
            let silent = state.mute || fault == Some(Fault::MuteEnd);
            if !silent {
                answers.push(if state.sensors.paper_near_end { 0x03 } else { 0 });
            }
            continue;
        }
        job.print(command);
        if job.cut {
            state.jobs.push(std::mem::take(job));
        }
        if fault == Some(Fault::RunsOutAfter(job.bands)) && !state.ran_out {
            state.ran_out = true;
            state.sensors.paper_out = true;
        }
    }
    answers
}

/// DLE EOT n: bits 1 and 4 are always set.
fn status_byte(question: u8, sensors: Sensors) -> u8 {
    let bit = |on: bool, mask: u8| if on { mask } else { 0 };
    0x12 | match question {
        1 => bit(sensors.blocked(), 0x08),
        2 => bit(sensors.cover_open, 0x04) | bit(sensors.paper_out, 0x20) | bit(sensors.cutter_error, 0x40),
        3 => bit(sensors.cutter_error, 0x08),
        _ => bit(sensors.paper_near_end || sensors.paper_out, 0x0c) | bit(sensors.paper_out, 0x60),
    }
}
