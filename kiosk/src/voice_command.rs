//! `motcua-kiosk voice build|words|say`.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use motcua_kernel::ticket_number::TicketNumber;
use motcua_kiosk::lang::Locale;
use motcua_kiosk::voice::build::Recipe;
use motcua_kiosk::voice::words::{Four, Style, ZeroTens, cardinal, spelled};
use motcua_kiosk::voice::{Voice, VoiceConfig};

use crate::say;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make placeholder packs with espeak-ng.
    Build(Build),
    /// Print how a counter (24) or a ticket (A025) is said.
    Words(Words),
    /// Write a whole call as a WAV file.
    Say(Say),
}

#[derive(Debug, Args)]
pub struct Build {
    /// Folder of the packs; each language gets a folder in it.
    #[arg(long, default_value = "data/voice")]
    out: PathBuf,
    /// vi or en; both when left out.
    #[arg(long, value_parser = locale)]
    language: Vec<Locale>,
    /// The speech program: takes `-v VOICE -s SPEED --stdout TEXT`.
    #[arg(long, default_value = "espeak-ng")]
    program: String,
    /// The program's voice, for one language.
    #[arg(long)]
    voice: Option<String>,
    /// Words a minute.
    #[arg(long)]
    speed: Option<u32>,
}

#[derive(Debug, Args)]
pub struct Numbers {
    /// Say "linh" in place of "lẻ".
    #[arg(long)]
    linh: bool,
    /// Say "bốn" in place of "tư".
    #[arg(long)]
    bon: bool,
}

#[derive(Debug, Args)]
pub struct Words {
    /// A counter's number, or a ticket's.
    #[arg(value_parser = number)]
    number: Number,
    /// vi, km or en.
    #[arg(long, default_value = "vi", value_parser = locale)]
    locale: Locale,
    #[command(flatten)]
    numbers: Numbers,
}

#[derive(Debug, Args)]
pub struct Say {
    /// As printed: A001.
    ticket: TicketNumber,
    /// The counter's number.
    #[arg(value_parser = clap::value_parser!(u32).range(1..=9999))]
    counter: u32,
    /// The file to write.
    #[arg(long)]
    wav: PathBuf,
    /// The ticket's language: said after Vietnamese.
    #[arg(long, default_value = "vi", value_parser = locale)]
    locale: Locale,
    /// Folder of the packs.
    #[arg(long, default_value = "data/voice")]
    packs: PathBuf,
    /// 0 to 100.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u8).range(..=100))]
    volume: u8,
    #[command(flatten)]
    numbers: Numbers,
}

impl Numbers {
    fn style(&self) -> Style {
        Style {
            zero_tens: if self.linh { ZeroTens::Linh } else { ZeroTens::Le },
            four: if self.bon { Four::Bon } else { Four::Tu },
        }
    }
}

/// A language of the command line.
pub fn locale(text: &str) -> Result<Locale, String> {
    Locale::parse(text).ok_or_else(|| "choose vi, km or en".to_owned())
}

/// What is said: a counter's number, or a ticket's.
#[derive(Debug, Clone)]
enum Number {
    Counter(u32),
    Ticket(TicketNumber),
}

fn number(text: &str) -> Result<Number, String> {
    match text.parse() {
        Ok(counter) => Ok(Number::Counter(counter)),
        Err(_) => text.parse().map(Number::Ticket).map_err(|wrong: <TicketNumber as FromStr>::Err| wrong.to_string()),
    }
}

pub fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Build(build) => make(&build),
        Command::Words(words) => words_of(&words),
        Command::Say(call) => sound(&call),
    }
}

fn make(build: &Build) -> anyhow::Result<()> {
    let languages = match &build.language[..] {
        [] => vec![Locale::Vi, Locale::En],
        some => some.to_vec(),
    };
    anyhow::ensure!(build.voice.is_none() || languages.len() == 1, "--voice needs one --language");
    for language in languages {
        let usual = Recipe::of(language)?;
        let recipe = Recipe {
            program: build.program.clone(),
            voice: build.voice.clone().unwrap_or(usual.voice),
            speed: build.speed.unwrap_or(usual.speed),
            language,
        };
        let folder = build.out.join(language.code());
        let clips = recipe.build(&folder)?;
        say(&format!("{}\t{clips} clips\t{}", language.code(), folder.display()));
    }
    Ok(())
}

fn words_of(words: &Words) -> anyhow::Result<()> {
    let said = match &words.number {
        Number::Counter(n) => cardinal(words.locale, *n, words.numbers.style()).join(" "),
        Number::Ticket(number) => spelled(words.locale, &number.to_string()).join(" "),
    };
    say(&said);
    Ok(())
}

fn sound(call: &Say) -> anyhow::Result<()> {
    let config = VoiceConfig {
        packs: Some(call.packs.clone()),
        volume_percent: call.volume,
        numbers: call.numbers.style(),
        ..VoiceConfig::default()
    };
    let settings =
        config.settings(&call.packs).map_err(|(key, value, remedy)| anyhow::anyhow!("{key} = {value}: {remedy}"))?;
    let voice = Voice::load(&settings);
    for notice in &voice.notices {
        eprintln!("motcua-kiosk: {notice}");
    }
    anyhow::ensure!(
        !voice.languages().is_empty(),
        "{}: no clip pack here; make one with: motcua-kiosk voice build --out {0}",
        call.packs.display()
    );
    let track = voice.call(&settings, &call.ticket.to_string(), call.counter, call.locale);
    std::fs::write(&call.wav, track.sound.write()).with_context(|| call.wav.display().to_string())?;
    for speech in &track.speech {
        say(&format!("{:.2} s\t{:.2} syllables a second", speech.to - speech.from, speech.rate()));
    }
    Ok(())
}
