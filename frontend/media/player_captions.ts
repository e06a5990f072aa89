/** Which captions of a film are on: as they were carried along, or as they were chosen last. */

import type videojs from "video.js/core";
import type { Addresses } from "./freshness";
import { matching, OFF, rememberCaptions, rememberedCaptions } from "./caption_memory";

type Player = ReturnType<typeof videojs>;

function captionsOf(player: Player): TextTrack[] {
  const all = Array.from(player.textTracks() as unknown as ArrayLike<TextTrack>);
  return all.filter(({ kind }) => kind === "captions" || kind === "subtitles");
}

function shown(player: Player): string {
  return captionsOf(player).find(({ mode }) => mode === "showing")?.language ?? OFF;
}

export function keepCaptions(player: Player, carried: string): void {
  player.ready(() => {
    const tracks = captionsOf(player);
    const wanted = carried || rememberedCaptions();
    const languages = tracks.map(({ language }) => language);
    const track = wanted === OFF ? undefined : tracks[matching(languages, [wanted])];
    if (track) track.mode = "showing";
    let before = shown(player);
    player.textTracks().addEventListener("change", () => {
      if (shown(player) !== before) rememberCaptions((before = shown(player)));
    });
  });
}

/** Captions whose address had run out, or that were lost with the line, are fetched anew. */
export function renewCaptions(player: Player, fresh: Addresses["captions"]): void {
  const lost = captionsOf(player);
  if (lost.some(({ cues }) => cues?.length)) return;
  for (const [number, { kind, label, language, mode }] of lost.entries()) {
    player.removeRemoteTextTrack(lost[number] as unknown as Parameters<Player["removeRemoteTextTrack"]>[0]);
    const src = fresh[number]?.address;
    if (src) player.addRemoteTextTrack({ kind, label, srclang: language, src, mode }, false);
  }
}
