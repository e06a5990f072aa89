// Read by video.js while it loads, so this must be imported before it. Its style sheet comes as a
// file: style elements made by scripts would be refused by our policy.

declare global {
  interface Window {
    VIDEOJS_NO_DYNAMIC_STYLE?: boolean;
  }
}

window.VIDEOJS_NO_DYNAMIC_STYLE = true;

export {};
