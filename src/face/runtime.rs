//! Runs the plain models through LiteRT, one thread each.
//!
//! The library is opened when the program runs; nothing links against it. It is called through
//! the function table of `edgefirst-tflite` rather than through its wrappers, because the
//! wrappers cannot ask the library to stay silent on standard error.

use std::ffi::c_void;
use std::fs::File;
use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use edgefirst_tflite::Library;
use edgefirst_tflite_sys::litert::{self as raw, EnvOption, LiteRtFunctions};

/// Why a model cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The library cannot be opened.
    #[error("cannot open the inference runtime {path}: {why}")]
    Library {
        /// The library's file.
        path: String,
        /// What the system said.
        why: String,
    },
    /// The library lacks a function.
    #[error("the inference runtime lacks the function {0}")]
    Function(&'static str),
    /// A call failed.
    #[error("the inference runtime failed in {call} (status {status})")]
    Call {
        /// The call.
        call: &'static str,
        /// LiteRT's status code.
        status: u32,
    },
    /// A tensor has another size than the model should have.
    #[error("a tensor has {found} values instead of {expected}")]
    TensorSize {
        /// Values found.
        found: usize,
        /// Values expected.
        expected: usize,
    },
}

fn check(call: &'static str, status: raw::Status) -> Result<(), RuntimeError> {
    if status == raw::kLiteRtStatusOk { Ok(()) } else { Err(RuntimeError::Call { call, status }) }
}

/// `kLiteRtEnvOptionTagMinLoggerSeverity`.
const MIN_LOGGER_SEVERITY: u32 = 25;
/// `kLiteRtAnyTypeInt`.
const ANY_INT: u32 = 2;
/// `kLiteRtLogSeveritySilent`.
const SILENT: i64 = 4;

/// The opened library with its environment.
#[derive(Debug)]
pub struct Engine {
    environment: raw::Environment,
    library: Library,
}

// SAFETY: the environment is a heap object without thread affinity, and the calls made through a
// shared reference only read it; `edgefirst_tflite::litert::Environment` relies on the same.
unsafe impl Send for Engine {}
// SAFETY: as above.
unsafe impl Sync for Engine {}

impl Engine {
    /// Opens the library at `path`.
    ///
    /// # Errors
    /// [`RuntimeError`] when it cannot be opened or is no LiteRT.
    pub fn open(path: &Path) -> Result<Arc<Self>, RuntimeError> {
        let library = Library::from_path(path).map_err(|error| RuntimeError::Library {
            path: path.display().to_string(),
            why: error.to_string(),
        })?;
        if let Some(symbol) = library.litert_missing_symbol() {
            return Err(RuntimeError::Function(symbol));
        }
        let mut engine = Self { environment: ptr::null_mut(), library };
        // SAFETY: the option is a plain C struct for which all zeros is a valid value (tag 0,
        // no value).
        let mut silent: EnvOption = unsafe { std::mem::zeroed() };
        silent.tag = MIN_LOGGER_SEVERITY;
        silent.value.type_ = ANY_INT;
        silent.value.__bindgen_anon_1.int_value = SILENT;
        let create = engine.functions()?.create_environment;
        // SAFETY: one valid option and a valid out-parameter are passed; the option is only
        // read during the call.
        let status = unsafe { create(1, &raw const silent, &raw mut engine.environment) };
        check("LiteRtCreateEnvironment", status)?;
        Ok(Arc::new(engine))
    }

    fn functions(&self) -> Result<&LiteRtFunctions, RuntimeError> {
        self.library.litert().ok_or(RuntimeError::Function("LiteRtCreateEnvironment"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let (false, Ok(functions)) = (self.environment.is_null(), self.functions()) {
            // SAFETY: the environment was made by this library and is destroyed once; every
            // network holds the engine, so none is left.
            unsafe { (functions.destroy_environment)(self.environment) };
        }
    }
}

/// Runs `work`, the first time in this process with standard error going nowhere: the kernels
/// inside the library greet there once, with a logger of their own that nothing can reach.
fn once_hushed<T>(work: impl FnOnce() -> T) -> T {
    static GREETED: Mutex<bool> = Mutex::new(false);
    let mut greeted = GREETED.lock().unwrap_or_else(PoisonError::into_inner);
    if std::mem::replace(&mut *greeted, true) {
        drop(greeted);
        return work();
    }
    let nowhere = File::options().write(true).open("/dev/null");
    let kept = rustix::io::dup(rustix::stdio::stderr());
    let hushed = match (&nowhere, &kept) {
        (Ok(nowhere), Ok(_)) => rustix::stdio::dup2_stderr(nowhere).is_ok(),
        _ => false,
    };
    let result = work();
    if let (true, Ok(kept)) = (hushed, kept) {
        // If this fails there is no standard error left to say so on.
        let _ = rustix::stdio::dup2_stderr(kept);
    }
    result
}

/// Bytes at an address that model files ask for.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Block([u8; 16]);

fn aligned(bytes: &[u8]) -> Vec<Block> {
    let block = |chunk: &[u8]| {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        Block(block)
    };
    bytes.chunks(16).map(block).collect()
}

/// One model, compiled for one thread, with its input and output buffers.
///
/// Dropping goes from the compiled model to the model to its bytes; the engine outlives all.
#[derive(Debug)]
pub struct Network {
    handles: Handles,
    /// The runtime reads the model in place for as long as it lives.
    _bytes: Vec<Block>,
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug)]
struct Handles {
    engine: Arc<Engine>,
    functions: LiteRtFunctions,
    model: raw::Model,
    compiled: raw::CompiledModel,
    input: raw::TensorBuffer,
    outputs: Vec<raw::TensorBuffer>,
    input_len: usize,
    output_lens: Vec<usize>,
}

// SAFETY: the handles are heap objects without thread affinity, owned by this value alone, and
// every call on them takes `&mut self`.
unsafe impl Send for Handles {}

impl Network {
    /// Loads and compiles a model of one input and any number of outputs, all 32-bit floats.
    ///
    /// # Errors
    /// [`RuntimeError`] when the runtime refuses the model.
    pub fn new(engine: &Arc<Engine>, model: &[u8]) -> Result<Self, RuntimeError> {
        let bytes = aligned(model);
        let mut handles = Handles {
            engine: Arc::clone(engine),
            functions: *engine.functions()?,
            model: ptr::null_mut(),
            compiled: ptr::null_mut(),
            input: ptr::null_mut(),
            outputs: Vec::new(),
            input_len: 0,
            output_lens: Vec::new(),
        };
        once_hushed(|| handles.compile(bytes.as_ptr().cast(), model.len()))?;
        handles.allocate()?;
        Ok(Self { handles, _bytes: bytes })
    }

    /// Number of values of the input.
    #[must_use]
    pub fn input_len(&self) -> usize {
        self.handles.input_len
    }

    /// Number of values of each output, in the model's order.
    #[must_use]
    pub fn output_lens(&self) -> &[usize] {
        &self.handles.output_lens
    }

    /// Runs the model: `fill` writes the input.
    ///
    /// # Errors
    /// [`RuntimeError::Call`] when the runtime fails.
    pub fn run(&mut self, fill: impl FnOnce(&mut [f32])) -> Result<(), RuntimeError> {
        let handles = &mut self.handles;
        handles.with(
            handles.input,
            raw::kLiteRtTensorBufferLockModeWrite,
            handles.input_len,
            fill,
        )?;
        let run = handles.functions.run_compiled_model;
        // SAFETY: the compiled model is live; both arrays hold as many live buffers as stated
        // and are not locked.
        let status = unsafe {
            run(
                handles.compiled,
                0,
                1,
                &raw mut handles.input,
                handles.outputs.len(),
                handles.outputs.as_mut_ptr(),
            )
        };
        check("LiteRtRunCompiledModel", status)
    }

    /// Hands the values of output `index` of the last run to `look`.
    ///
    /// # Errors
    /// [`RuntimeError`] when there is no such output or it cannot be read.
    pub fn output<T>(
        &mut self,
        index: usize,
        look: impl FnOnce(&[f32]) -> T,
    ) -> Result<T, RuntimeError> {
        let handles = &mut self.handles;
        let (Some(&buffer), Some(&len)) =
            (handles.outputs.get(index), handles.output_lens.get(index))
        else {
            return Err(RuntimeError::TensorSize { found: 0, expected: index + 1 });
        };
        handles.with(buffer, raw::kLiteRtTensorBufferLockModeRead, len, |values| look(values))
    }
}

impl Handles {
    fn compile(&mut self, bytes: *const c_void, len: usize) -> Result<(), RuntimeError> {
        let functions = self.functions;
        let environment = self.engine.environment;
        // SAFETY: `bytes` is valid for `len` bytes and is kept by the `Network` for as long as
        // these handles live; every out-parameter is valid.
        unsafe {
            check(
                "LiteRtCreateModelFromBuffer",
                (functions.create_model_from_buffer)(environment, bytes, len, &raw mut self.model),
            )?;
            let mut options = ptr::null_mut();
            check("LiteRtCreateOptions", (functions.create_options)(&raw mut options))?;
            let status = (functions.set_options_hardware_accelerators)(
                options,
                raw::kLiteRtHwAcceleratorCpu as raw::HwAcceleratorSet,
            );
            let status = if status == raw::kLiteRtStatusOk {
                (functions.create_compiled_model)(
                    environment,
                    self.model,
                    options,
                    &raw mut self.compiled,
                )
            } else {
                status
            };
            (functions.destroy_options)(options);
            check("LiteRtCreateCompiledModel", status)
        }
    }

    fn allocate(&mut self) -> Result<(), RuntimeError> {
        let functions = self.functions;
        let mut signature = ptr::null_mut();
        let (mut inputs, mut outputs) = (0, 0);
        // SAFETY: the model is live and every out-parameter is valid.
        unsafe {
            check(
                "LiteRtGetModelSignature",
                (functions.get_model_signature)(self.model, 0, &raw mut signature),
            )?;
            check(
                "LiteRtGetNumSignatureInputs",
                (functions.get_num_signature_inputs)(signature, &raw mut inputs),
            )?;
            check(
                "LiteRtGetNumSignatureOutputs",
                (functions.get_num_signature_outputs)(signature, &raw mut outputs),
            )?;
        }
        if inputs != 1 {
            return Err(RuntimeError::TensorSize { found: inputs, expected: 1 });
        }
        self.input = self.buffer(signature, None)?;
        self.input_len = self.len(self.input)?;
        for index in 0..outputs {
            let buffer = self.buffer(signature, Some(index))?;
            self.outputs.push(buffer);
            let len = self.len(buffer)?;
            self.output_lens.push(len);
        }
        Ok(())
    }

    /// A buffer for the input (`None`) or an output.
    fn buffer(
        &self,
        signature: raw::Signature,
        output: Option<usize>,
    ) -> Result<raw::TensorBuffer, RuntimeError> {
        let functions = self.functions;
        let mut tensor = ptr::null_mut();
        let mut requirements = ptr::null_mut();
        let mut buffer = ptr::null_mut();
        // SAFETY: model and compiled model are live, the signature belongs to the model, every
        // out-parameter is valid, and all zeros is a valid value of the plain C struct `kind`.
        unsafe {
            let mut kind: raw::RankedTensorType = std::mem::zeroed();
            let status = match output {
                None => {
                    (functions.get_signature_input_tensor_by_index)(signature, 0, &raw mut tensor)
                }
                Some(index) => (functions.get_signature_output_tensor_by_index)(
                    signature,
                    index,
                    &raw mut tensor,
                ),
            };
            check("LiteRtGetSignatureTensorByIndex", status)?;
            check(
                "LiteRtGetRankedTensorType",
                (functions.get_ranked_tensor_type)(tensor, &raw mut kind),
            )?;
            let status = match output {
                None => (functions.get_compiled_model_input_buffer_requirements)(
                    self.compiled,
                    0,
                    0,
                    &raw mut requirements,
                ),
                Some(index) => (functions.get_compiled_model_output_buffer_requirements)(
                    self.compiled,
                    0,
                    index,
                    &raw mut requirements,
                ),
            };
            check("LiteRtGetCompiledModelBufferRequirements", status)?;
            check(
                "LiteRtCreateManagedTensorBufferFromRequirements",
                (functions.create_managed_tensor_buffer_from_requirements)(
                    self.engine.environment,
                    &raw const kind,
                    requirements,
                    &raw mut buffer,
                ),
            )?;
        }
        Ok(buffer)
    }

    fn len(&self, buffer: raw::TensorBuffer) -> Result<usize, RuntimeError> {
        let mut bytes = 0;
        // SAFETY: the buffer is live and the out-parameter valid.
        let status = unsafe { (self.functions.get_tensor_buffer_size)(buffer, &raw mut bytes) };
        check("LiteRtGetTensorBufferSize", status)?;
        Ok(bytes / size_of::<f32>())
    }

    /// Maps a buffer of `len` values for the time of `look`.
    fn with<T>(
        &self,
        buffer: raw::TensorBuffer,
        mode: raw::TensorBufferLockMode,
        len: usize,
        look: impl FnOnce(&mut [f32]) -> T,
    ) -> Result<T, RuntimeError> {
        let mut host = ptr::null_mut();
        // SAFETY: the buffer is live and unlocked, the out-parameter valid.
        let status = unsafe { (self.functions.lock_tensor_buffer)(buffer, &raw mut host, mode) };
        check("LiteRtLockTensorBuffer", status)?;
        // SAFETY: a locked buffer is mapped at `host` for its whole size, of which `len` values
        // are a part; the runtime allocates tensors at 64 bytes; nobody else has the buffer.
        let result = look(unsafe { std::slice::from_raw_parts_mut(host.cast::<f32>(), len) });
        // SAFETY: the buffer was locked above.
        check("LiteRtUnlockTensorBuffer", unsafe {
            (self.functions.unlock_tensor_buffer)(buffer)
        })?;
        Ok(result)
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: each handle was made by this library, is destroyed once and in the order
        // buffers, compiled model, model; null means that it was never made.
        unsafe {
            for buffer in self.outputs.drain(..).chain([self.input]) {
                if !buffer.is_null() {
                    (self.functions.destroy_tensor_buffer)(buffer);
                }
            }
            if !self.compiled.is_null() {
                (self.functions.destroy_compiled_model)(self.compiled);
            }
            if !self.model.is_null() {
                (self.functions.destroy_model)(self.model);
            }
        }
    }
}
