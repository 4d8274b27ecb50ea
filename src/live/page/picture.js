// The live picture with the mesh over it; regions light up while they move.

import { $, FLOORS, moved, place, state } from "./shared.js";

const PICTURE = 2; // first byte of the message
const HEADER = 11; // bytes before the mesh: kind, number of points, time
const CONTOURED = 468; // points of the face; those after them are the irises

// Seen on any skin and in any light.
const OVER = { mesh: "rgba(176,206,196,.55)", line: "rgba(210,230,222,.8)", left: "#6ebeff", right: "#ffa55a", midline: "rgba(232,150,170,.9)" };

const canvas = $("picture"), pen = canvas.getContext("2d", { alpha: false });

export async function showPicture(buffer) {
  const view = new DataView(buffer);
  if (view.getUint8(0) !== PICTURE) return;
  const points = view.getUint16(1, true);
  const jpeg = new Blob([new Uint8Array(buffer, HEADER + 4 * points)], { type: "image/jpeg" });
  const bitmap = await createImageBitmap(jpeg);
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  }
  pen.drawImage(bitmap, 0, 0);
  bitmap.close();
  if (!points || !state.hello) return;
  const at = (i) => [
    view.getUint16(HEADER + 4 * i, true) / 65535 * canvas.width,
    view.getUint16(HEADER + 2 + 4 * i, true) / 65535 * canvas.height,
  ];
  lightUp(at);
  drawMesh(at, points);
  nameSides(at);
}

function lightUp(at) {
  const frame = state.frames[state.frames.length - 1];
  state.hello.patches.forEach((patch, i) => {
    const rest = state.rest[i], v = moved(frame, i);
    if (!rest || v === null) return;
    const strength = (Math.abs(v) / Math.max(rest.floor_mfu, 0.3) - FLOORS) / 12;
    if (strength <= 0) return;
    pen.fillStyle = `rgba(255,212,40,${0.15 + 0.5 * Math.min(1, strength)})`;
    pen.beginPath();
    hull(patch.map(at)).forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.fill();
  });
}

function drawMesh(at, points) {
  pen.fillStyle = OVER.mesh;
  for (let i = 0; i < Math.min(points, CONTOURED); i++) {
    const [x, y] = at(i);
    pen.fillRect(x - 0.6, y - 0.6, 1.2, 1.2);
  }
  state.hello.outlines.forEach((line, number) => {
    pen.strokeStyle = line.side === "midline" ? (number < 2 ? OVER.line : OVER.midline) : OVER[line.side];
    pen.lineWidth = line.side === "midline" ? 1 : 1.6;
    pen.beginPath();
    line.points.forEach((point, n) => (n ? pen.lineTo(...at(point)) : pen.moveTo(...at(point))));
    if (line.closed) pen.closePath();
    pen.stroke();
  });
}

// Sides are the subject's own: its right eye is on the picture's left.
function nameSides(at) {
  const size = Math.max(18, Math.round(18 * canvas.width / Math.max(1, canvas.clientWidth)));
  pen.font = `bold ${size}px system-ui, sans-serif`;
  pen.textAlign = "center";
  for (const side of ["right", "left"]) {
    const patch = state.hello.patches[place("cheek", side)].map(at);
    const edges = patch.map((point) => point[0]);
    const x = side === "right" ? Math.min(...edges) - 1.4 * size : Math.max(...edges) + 1.4 * size;
    pen.lineWidth = 4;
    pen.strokeStyle = "#14161a";
    pen.strokeText(side[0].toUpperCase(), x, patch[0][1]);
    pen.fillStyle = OVER[side];
    pen.fillText(side[0].toUpperCase(), x, patch[0][1]);
  }
}

// Convex hull (Andrew's monotone chain).
function hull(points) {
  const sorted = points.slice().sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list) => {
    const chain = [];
    for (const p of list) {
      while (chain.length > 1) {
        const [a, b] = chain.slice(-2);
        if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break;
        chain.pop();
      }
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return half(sorted).concat(half(sorted.reverse()));
}
