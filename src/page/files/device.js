// What kind of device this is: a first name for it, and whether it is one of Apple's, which go ways of their own.

import { language } from "./texts.js";

const agent = navigator.userAgent;

// An iPad says that it is a Mac, but a Mac has no touch screen.
const isIpad = /iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
export const isIos = isIpad || /iPhone|iPod/.test(agent);

// It asks the person itself whether a page may keep things for long.
export const asksToPersist = /Firefox\//.test(agent);

// Chromium's private windows are like all others to a page; in those of the rest it has no files of its own.
export const hidesPrivate = "userAgentData" in navigator;

export async function seemsPrivate() {
  try {
    await navigator.storage.getDirectory?.();
    return false;
  } catch {
    return true;
  }
}

// Opened from the Home Screen or installed.
export const isInstalled = () => matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

export async function deviceName() {
  if (isIpad) return "iPad";
  if (isIos) return "iPhone";
  try {
    const { model } = await navigator.userAgentData.getHighEntropyValues(["model"]);
    if (model) return model;
  } catch {
    // Only some browsers tell.
  }
  const computer = language === "sv" ? "dator" : " computer";
  if (/Android/.test(agent)) return language === "sv" ? "Androidtelefon" : "Android phone";
  if (/Macintosh/.test(agent)) return "Mac";
  if (/Windows/.test(agent)) return language === "sv" ? "Windowsdator" : "Windows computer";
  return /Linux/.test(agent) ? `Linux${computer}` : computer.trim();
}
