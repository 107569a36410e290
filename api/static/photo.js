// Pictures before they are sent.

const LONG_SIDE = 1024;

/** The picture, no larger than it needs to be; as it is when the browser can't read it. */
export async function shrunk(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // HEIC, TIFF …: perhaps the server can, and if not it says so
  }
  const scale = LONG_SIDE / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent counts as white, as on the server
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const smaller = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return smaller ?? file;
}

/** The first picture among dropped or pasted things. */
export function pictureIn(transfer) {
  const files = [...(transfer?.files ?? [])];
  return files.find((file) => file.type.startsWith("image/")) ?? files[0] ?? null;
}

/** Calls with a picture that was chosen, photographed, dropped anywhere or pasted. */
export function onPicture(call, curtain) {
  for (const input of document.querySelectorAll("input[data-photo]")) {
    input.addEventListener("change", () => {
      if (input.files.length) call(input.files[0]);
      input.value = ""; // the same file again is a change too
    });
  }
  document.addEventListener("paste", (event) => {
    const file = pictureIn(event.clipboardData);
    if (file) {
      event.preventDefault();
      call(file);
    }
  });
  let depth = 0;
  const show = (change) => {
    depth = Math.max(0, depth + change);
    curtain.classList.toggle("shown", depth > 0);
  };
  const holdsFile = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => holdsFile(event) && show(1));
  document.addEventListener("dragleave", (event) => holdsFile(event) && show(-1));
  document.addEventListener("dragover", (event) => holdsFile(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    show(-depth);
    const file = pictureIn(event.dataTransfer);
    if (file) call(file);
  });
}
