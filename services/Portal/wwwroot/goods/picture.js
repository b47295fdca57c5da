// Makes a chosen picture of a product small enough for the first load of the scanned page. Without scripts whoever uploads
// it must have made it small.
const input = document.getElementById("picture");
const chinese = document.documentElement.lang.startsWith("zh");
const w = (zh, en) => (chinese ? zh : en);

input?.addEventListener("change", async () => {
  const [file] = input.files;
  const [most, send, status] = [Number(input.dataset.most), input.form.querySelector("[type=submit]"), document.getElementById("picture-state")];
  status.textContent = "";
  if (!file || file.size <= most) return;
  send.disabled = true;
  const small = await smaller(file, most).catch(() => null);
  send.disabled = false;
  if (input.files[0] !== file) return;
  if (small) {
    const chosen = new DataTransfer();
    chosen.items.add(small);
    input.files = chosen.files;
  }
  status.textContent = small ? w(`已缩小到${Math.ceil(small.size / 1024)} KB，可以上传。`, `Made smaller: ${Math.ceil(small.size / 1024)} KB. It can be uploaded.`)
    : w("这张图片缩不小，请换一张。", "It can't be made smaller; choose another.");
});

/** The picture in the best of a few sizes and qualities that has at most so many bytes; null where none has. */
async function smaller(file, most) {
  const picture = await createImageBitmap(file);
  for (const side of [480, 320, 240]) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    const context = canvas.getContext("2d");
    // What was transparent would be black in a JPEG.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const type of ["image/webp", "image/jpeg"]) {
      for (const quality of [0.85, 0.7, 0.5]) {
        const blob = await new Promise((done) => canvas.toBlob(done, type, quality));
        // Browsers that can't write a type write PNG.
        if (blob?.type === type && blob.size <= most) return new File([blob], `picture.${type.slice(6)}`, { type });
      }
    }
  }
  return null;
}
