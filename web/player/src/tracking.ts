// The tracker: a page view, page pings, and the media events of one element, wired by hand as an
// integrator would. What it promises the pipeline: whole numbers for volume, unique ids, and the order
// in which things happened.

import * as media from "@snowplow/browser-plugin-media";
import {
  enableActivityTracking,
  newTracker,
  setUserId,
  trackPageView,
  type BrowserPlugin,
} from "@snowplow/browser-tracker";
import type { Delivery, Payload } from "./event_log";

const ping_interval_s = 5;
const page_ping_interval_s = 10;
const boundaries = [10, 25, 50, 75];

export interface Listener {
  made(payload: Payload): void;
  told(payloads: Payload[], delivery: Delivery): void;
}

/** Starts the tracker and tracks the page. Call once. */
export function startTracker(collector: string, user: string, listener: Listener): void {
  const witness: BrowserPlugin = { afterTrack: (payload) => listener.made({ ...payload }) };
  newTracker("lvp", collector, {
    appId: "lvp-player",
    platform: "web",
    encodeBase64: false,
    contexts: { webPage: true, session: true },
    plugins: [media.SnowplowMediaPlugin(), witness],
    onRequestSuccess: (events) => listener.told(events, "delivered"),
    onRequestFailure: (failure) =>
      listener.told(failure.events, failure.willRetry ? "retrying" : "lost"),
  });
  setUser(user);
  enableActivityTracking({
    minimumVisitLength: page_ping_interval_s,
    heartbeatDelay: page_ping_interval_s,
  });
  trackPageView();
}

/** The login of all later events; "" for none. */
export function setUser(user: string): void {
  setUserId(user === "" ? null : user);
}

/** An id that no other player, break or advertisement will have. */
export function uniqueId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Tracks `video`, shown inside `stage` (which is what goes full screen), under `label`. */
export class MediaTracking {
  readonly id = uniqueId();
  private ready = false;
  private buffering = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly stage: HTMLElement,
    private readonly label: string,
  ) {
    media.startMediaTracking({
      id: this.id,
      player: this.player(),
      pings: { pingInterval: ping_interval_s },
      boundaries,
    });
    this.listen();
    if (video.readyState >= HTMLMediaElement.HAVE_METADATA) this.onReady();
  }

  /** The arguments of a call of the media plugin: whose, and how the player is right now. */
  now(): { id: string; player: MediaPlayer } {
    return { id: this.id, player: this.player() };
  }

  private listen(): void {
    const on = (name: string, act: () => void) => this.video.addEventListener(name, act);
    on("loadedmetadata", () => this.onReady());
    on("play", () => media.trackMediaPlay(this.now()));
    on("playing", () => this.onPlaying());
    on("pause", () => media.trackMediaPause(this.now()));
    on("ended", () => media.trackMediaEnd(this.now()));
    on("seeking", () => media.trackMediaSeekStart(this.now()));
    on("seeked", () => media.trackMediaSeekEnd(this.now()));
    on("waiting", () => this.onWaiting());
    on("timeupdate", () => media.updateMediaTracking(this.now()));
    on("ratechange", () =>
      media.trackMediaPlaybackRateChange({ ...this.now(), newRate: this.video.playbackRate }),
    );
    on("volumechange", () =>
      media.trackMediaVolumeChange({ ...this.now(), newVolume: volume(this.video) }),
    );
    on("enterpictureinpicture", () => this.onPictureInPicture(true));
    on("leavepictureinpicture", () => this.onPictureInPicture(false));
    on("error", () => this.onError());
    document.addEventListener("fullscreenchange", () =>
      media.trackMediaFullscreenChange({ ...this.now(), fullscreen: this.fullscreen() }),
    );
    window.addEventListener("pagehide", () => media.endMediaTracking({ id: this.id }));
  }

  private onReady(): void {
    if (this.ready) return;
    this.ready = true;
    media.trackMediaReady(this.now());
  }

  private onWaiting(): void {
    if (this.video.seeking || this.buffering) return;
    this.buffering = true;
    media.trackMediaBufferStart(this.now());
  }

  private onPlaying(): void {
    if (!this.buffering) return;
    this.buffering = false;
    media.trackMediaBufferEnd(this.now());
  }

  private onPictureInPicture(pictureInPicture: boolean): void {
    media.trackMediaPictureInPictureChange({ ...this.now(), pictureInPicture });
  }

  private onError(): void {
    const error = this.video.error;
    media.trackMediaError({
      ...this.now(),
      errorCode: String(error?.code ?? 0),
      errorDescription: error?.message || "the film could not be played",
    });
  }

  private fullscreen(): boolean {
    const shown = document.fullscreenElement;
    return shown !== null && (shown === this.stage || shown === this.video);
  }

  private player(): MediaPlayer {
    const { video } = this;
    return {
      label: this.label,
      playerType: "html5",
      mediaType: "video" as MediaType,
      currentTime: video.currentTime,
      duration: Number.isFinite(video.duration) ? video.duration : null,
      livestream: video.duration === Infinity,
      paused: video.paused,
      ended: video.ended,
      loop: video.loop,
      muted: video.muted,
      volume: volume(video),
      playbackRate: video.playbackRate,
      fullscreen: this.fullscreen(),
      pictureInPicture: document.pictureInPictureElement === video,
    };
  }
}

type MediaPlayer = NonNullable<Parameters<typeof media.updateMediaTracking>[0]["player"]>;
type MediaType = NonNullable<MediaPlayer["mediaType"]>;

// The player entity's schema takes whole numbers only: a fraction would fail every event.
function volume(video: HTMLVideoElement): number {
  return Math.round(video.volume * 100);
}
