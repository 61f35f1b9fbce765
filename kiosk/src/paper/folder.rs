use std::path::{Path, PathBuf};

use super::{Begin, Job, PrintError, Printed, Printer, Ready, encode};

/// Writes each job as `<number>-<id>.escpos` with a picture of it beside, for a demo, a test or a print spooler.
#[derive(Debug, Clone)]
pub struct FolderPrinter {
    folder: PathBuf,
    dots: usize,
}

impl FolderPrinter {
    /// Uses a folder, which is made when it does not exist.
    #[must_use]
    pub fn new(folder: PathBuf, dots: usize) -> Self {
        Self { folder, dots }
    }

    async fn write(&self, job: &Job) -> std::io::Result<()> {
        tokio::fs::create_dir_all(&self.folder).await?;
        let name = format!("{}-{}", safe(&job.number), safe(&job.id));
        whole(&self.folder.join(format!("{name}.png")), &job.raster.png()?).await?;
        whole(&self.folder.join(format!("{name}.escpos")), &encode(&job.raster)).await
    }

    fn failed(&self, error: &std::io::Error) -> PrintError {
        PrintError::Folder { path: self.folder.display().to_string(), reason: error.to_string() }
    }
}

/// A reader of the folder never sees half a file.
async fn whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension("part");
    tokio::fs::write(&part, bytes).await?;
    tokio::fs::rename(&part, path).await
}

fn safe(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect()
}

#[async_trait::async_trait]
impl Printer for FolderPrinter {
    fn dots(&self) -> usize {
        self.dots
    }

    async fn print(&self, job: &Job, begin: Begin<'_>) -> Printed {
        begin.await;
        match self.write(job).await {
            Ok(()) => Printed::Yes,
            Err(error) => Printed::No(self.failed(&error)),
        }
    }

    async fn ready(&self) -> Result<Ready, PrintError> {
        tokio::fs::create_dir_all(&self.folder).await.map_err(|error| self.failed(&error))?;
        Ok(Ready::default())
    }
}
