// The page's own camera: each picture is sent with the time at which it was taken.

import { $, banner, state } from "./shared.js";

const PICTURE = 1; // first byte of the message
const HEADER = 13; // bytes before the JPEG: kind, capture time, pictures not sent
const ENCODING = 2; // pictures encoded at once
const BUFFERED = 1 << 20; // bytes that may wait in the connection
const QUALITY = 0.92; // of the JPEG: leaves the skin's texture

const video = $("video");
const capture = { stream: null, unsent: 0, encoding: 0, presented: 0, canvas: null, queue: Promise.resolve(), socket: () => null };

/** Whether the camera is on. */
export function filming() {
  return Boolean(capture.stream);
}

/** Turns the camera on, as chosen; `socket` gives the connection to send to, `changed` is told when the camera goes. */
export async function film(socket, changed) {
  if (capture.stream) return;
  if (!navigator.mediaDevices) {
    banner("This browser gives no camera to an unencrypted page of another machine: use https or this machine.");
    return;
  }
  const [width, height, frameRate] = $("size").value.split("x").map(Number);
  const video = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: frameRate } };
  if ($("device").value) video.deviceId = { exact: $("device").value };
  else video.facingMode = "user";
  try {
    capture.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    banner(`The camera does not open (${error.message || error.name}): allow it for this page and check that no other program uses it.`);
    return;
  }
  capture.stream.getVideoTracks()[0].onended = () => {
    stopFilming();
    banner("The camera is gone: connect it and press Start.");
    changed();
  };
  await begin(socket);
}

async function begin(socket) {
  capture.socket = socket;
  capture.presented = 0;
  video.srcObject = capture.stream;
  await video.play();
  listDevices();
  awaitFrame();
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
  banner("");
}

export function stopFilming() {
  if (!capture.stream) return;
  for (const track of capture.stream.getTracks()) track.stop();
  capture.stream = null;
  video.srcObject = null;
}

async function listDevices() {
  const chosen = capture.stream.getVideoTracks()[0].getSettings().deviceId;
  const devices = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput");
  $("device").replaceChildren(...devices.map((d, n) => new Option(d.label || `camera ${n + 1}`, d.deviceId, false, d.deviceId === chosen)));
}

function awaitFrame() {
  if (!capture.stream) return;
  if (video.requestVideoFrameCallback) video.requestVideoFrameCallback((now, meta) => take(meta.captureTime ?? now, meta.presentedFrames));
  else setTimeout(() => requestAnimationFrame((now) => take(now, capture.presented + 1)), 15);
}

function take(captured, presented) {
  awaitFrame();
  if (capture.presented) capture.unsent += Math.max(0, presented - capture.presented - 1);
  capture.presented = presented;
  const socket = capture.socket();
  if (!socket || !state.control || state.phase !== "running" || !video.videoWidth) return;
  if (capture.encoding >= ENCODING || socket.bufferedAmount > BUFFERED) { capture.unsent++; return; }
  capture.encoding++;
  const [width, height] = [video.videoWidth, video.videoHeight];
  if (!capture.canvas || capture.canvas.width !== width || capture.canvas.height !== height) {
    capture.canvas = new OffscreenCanvas(width, height);
  }
  capture.canvas.getContext("2d", { alpha: false, willReadFrequently: true }).drawImage(video, 0, 0);
  const encoded = capture.canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY }).then((blob) => blob.arrayBuffer());
  // In the order in which they were taken.
  capture.queue = capture.queue.then(() => encoded).then((jpeg) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(message(captured, jpeg));
  }).catch(() => { capture.unsent++; }).finally(() => { capture.encoding--; });
}

function message(captured, jpeg) {
  const bytes = new Uint8Array(HEADER + jpeg.byteLength), head = new DataView(bytes.buffer);
  head.setUint8(0, PICTURE);
  head.setFloat64(1, captured / 1000, true);
  head.setUint32(9, capture.unsent, true);
  bytes.set(new Uint8Array(jpeg), HEADER);
  return bytes;
}
