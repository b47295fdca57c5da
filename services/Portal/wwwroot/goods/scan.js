// Reads codes from pictures: by the browser where it can, else by a decoder that is loaded when it is first needed.
let detector;

/** The text of a code in a picture or a frame; null where there is none. */
export async function read(source, width, height) {
  if (detector === undefined) {
    detector = null;
    if ("BarcodeDetector" in globalThis) {
      const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
      const formats = ["qr_code", "data_matrix", "code_128"].filter((f) => known.includes(f));
      if (formats.includes("qr_code")) detector = new BarcodeDetector({ formats });
    }
  }
  if (detector) return (await detector.detect(source))[0]?.rawValue ?? null;
  const { decodeQR } = await import("./qr.js");
  const scale = Math.min(1, 1024 / Math.max(width, height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    return null; // no code in this picture
  }
}

/**
 * Shows the camera in a video element and tells every new code that it sees. Answers with what closes it; throws where
 * the camera can't be opened.
 */
export async function watch(view, found) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  let open = true;
  view.srcObject = stream;
  view.hidden = false;
  await view.play();
  (async () => {
    let last = "";
    while (open) {
      const code = view.videoWidth ? await read(view, view.videoWidth, view.videoHeight) : null;
      if (open && code && code !== last) found((last = code));
      await new Promise((next) => setTimeout(next, 150));
    }
  })();
  return () => {
    open = false;
    for (const track of stream.getTracks()) track.stop();
    view.hidden = true;
  };
}
