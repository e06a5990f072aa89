// Parts of packages that come without types of their own.

declare module "video.js/core" {
  export { default } from "video.js";
}

declare module "pdfjs-dist/build/pdf.worker.mjs" {
  export const WorkerMessageHandler: object;
}
