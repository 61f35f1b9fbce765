//! Compiles the contracts without protoc.
use std::{env, error::Error, fs, path::PathBuf};

fn protos(dir: &str, out: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    let mut entries: Vec<_> = fs::read_dir(dir)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            protos(&path.to_string_lossy(), out)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            out.push(path);
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=motcua");
    let mut files = vec![];
    protos("motcua", &mut files)?;
    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(files)?;
    let descriptors = compiler.file_descriptor_set();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Reflection wants the raw bytes: prost-types drops custom options.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    // A double answers what its test is about; that no RPC of a service is missing is asked by tests/it/access.rs.
    tonic_prost_build::configure()
        .generate_default_stubs(true)
        .bytes(".")
        .include_file("mod.rs")
        .compile_fds(descriptors)?;
    Ok(())
}
