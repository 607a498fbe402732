// Mid-roll breaks: when the film reaches a cue it makes way for two advertisements, then goes on.
//
// Order of events, which readers of the stream rely on: break start, (the film's pause,) for each
// advertisement start, quartiles, complete or skip, then break end, then the film's play.

import * as media from "@snowplow/browser-plugin-media";
import { setHidden, setText } from "../../shared/dom";
import { uniqueId, type MediaTracking } from "./tracking";

export interface Advertisement {
  name: string;
  creative: string;
  file: string;
}

export interface Stage {
  film: HTMLVideoElement;
  overlay: HTMLElement;
  ad: HTMLVideoElement;
  label: HTMLElement;
  skip: HTMLButtonElement;
  pause: HTMLButtonElement;
}

const skippable_after_s = 1.5;
const ad_wait_max_ms = 60_000; // an advertisement that has not ended by then is given up

const quartiles = [
  { percent: 25, track: media.trackMediaAdFirstQuartile },
  { percent: 50, track: media.trackMediaAdMidpoint },
  { percent: 75, track: media.trackMediaAdThirdQuartile },
];

/** Watches the film and interrupts it at `cues` (s), each once until it is played again from its end. */
export class AdBreaks {
  private waiting: number[];
  private running = false;

  constructor(
    private readonly stage: Stage,
    private readonly tracking: MediaTracking,
    private readonly cues: readonly number[],
    private readonly advertisements: readonly Advertisement[],
  ) {
    this.waiting = [...cues];
    stage.film.addEventListener("timeupdate", () => this.onProgress());
    stage.film.addEventListener("ended", () => {
      this.waiting = [...this.cues];
    });
    stage.film.addEventListener("play", () => {
      if (this.running) stage.film.pause();
    });
    stage.ad.addEventListener("keydown", (event) => {
      if (event.key === "Enter") stage.ad.click();
    });
  }

  private onProgress(): void {
    const { film } = this.stage;
    if (this.running || film.paused || film.seeking || film.ended) return;
    const next = this.waiting[0];
    if (next === undefined || film.currentTime < next) return;
    this.waiting = this.waiting.filter((cue) => cue > film.currentTime);
    void this.run();
  }

  private async run(): Promise<void> {
    const { film, overlay, ad } = this.stage;
    this.running = true;
    const adBreak = {
      breakId: uniqueId(),
      name: "mid-roll",
      breakType: "linear" as NonNullable<AdBreak["breakType"]>,
      podSize: this.advertisements.length,
    };
    media.trackMediaAdBreakStart({ ...this.tracking.now(), adBreak });
    film.pause();
    film.controls = false;
    setHidden(overlay, false);
    for (const [index, advertisement] of this.advertisements.entries()) {
      await this.play(advertisement, index, adBreak);
    }
    ad.removeAttribute("src");
    ad.load();
    setHidden(overlay, true);
    film.controls = true;
    media.trackMediaAdBreakEnd({ ...this.tracking.now(), adBreak });
    this.running = false;
    film.play().catch(() => undefined); // refused by the browser: the viewer presses play
  }

  /** Resolves when the advertisement is complete, skipped, broken or given up. */
  private play(advertisement: Advertisement, index: number, adBreak: AdBreak): Promise<void> {
    const { film, ad, label, skip, pause } = this.stage;
    const entity = {
      adId: uniqueId(),
      name: advertisement.name,
      creativeId: advertisement.creative,
      podPosition: index + 1,
      skippable: true,
    };
    let left = quartiles;
    let started = false;
    const done = new AbortController();
    const { signal } = done;
    const about = () => ({
      ...this.tracking.now(),
      adBreak,
      ad: Number.isFinite(ad.duration) ? { ...entity, duration: ad.duration } : entity,
    });
    const percentProgress = () => Math.floor((100 * ad.currentTime) / (ad.duration || Infinity));
    const on = (target: HTMLElement, name: string, act: () => void) =>
      target.addEventListener(name, act, { signal });

    on(ad, "playing", () => {
      if (!started) media.trackMediaAdStart(about());
      started = true;
    });
    on(ad, "timeupdate", () => {
      for (; left[0] && started && percentProgress() >= left[0].percent; left = left.slice(1)) {
        left[0].track(about());
      }
      const wait_s = Math.ceil(skippable_after_s - ad.currentTime);
      skip.disabled = wait_s > 0;
      setText(skip, wait_s > 0 ? `Skip in ${wait_s}` : "Skip");
      const rest_s = Math.max(0, Math.ceil((ad.duration || 0) - ad.currentTime));
      setText(label, `Advertisement ${index + 1} of ${adBreak.podSize} · ${rest_s} s`);
    });
    on(ad, "click", () => {
      if (started) media.trackMediaAdClick({ ...about(), percentProgress: percentProgress() });
      setText(label, `${advertisement.name}: thank you for your interest`);
    });
    on(pause, "click", () => {
      if (ad.paused) {
        media.trackMediaAdResume({ ...about(), percentProgress: percentProgress() });
        void ad.play().catch(() => undefined);
      } else {
        ad.pause();
        media.trackMediaAdPause({ ...about(), percentProgress: percentProgress() });
      }
      setText(pause, ad.paused ? "Resume" : "Pause");
    });

    setText(label, `Advertisement ${index + 1} of ${adBreak.podSize}`);
    setText(pause, "Pause");
    setText(skip, "Skip");
    skip.disabled = true;
    ad.volume = film.volume;
    ad.muted = film.muted;
    ad.src = advertisement.file;
    return new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        done.abort();
        resolve();
      };
      const timer = setTimeout(end, ad_wait_max_ms);
      on(ad, "ended", () => {
        for (const quartile of left) quartile.track(about());
        media.trackMediaAdComplete(about());
        end();
      });
      on(skip, "click", () => {
        ad.pause();
        media.trackMediaAdSkip({ ...about(), percentProgress: percentProgress() });
        end();
      });
      on(ad, "error", end);
      ad.play().catch(() => {
        if (ad.error === null && !signal.aborted && ad.paused) setText(pause, "Resume");
      });
    });
  }
}

type AdBreak = NonNullable<Parameters<typeof media.trackMediaAdBreakStart>[0]["adBreak"]>;
