import { createRequire } from 'node:module';
import type { Report } from '../../billing/report/report.ts';
import { reportSvg } from './svg.ts';

const require = createRequire(import.meta.url);
/** The same letters on every machine. */
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => require.resolve(`dejavu-fonts-ttf/ttf/${name}`));
const JPEG_QUALITY = 90;

/** The chart in pixels, two for each point of the drawing. Text that came from strangers names no file: nothing is read but the fonts. */
async function rendered(report: Report) {
  // Most servers never draw a picture: what draws is loaded with the first one.
  const { Resvg } = await import('@resvg/resvg-js');
  const drawing = new Resvg(reportSvg(report), {
    fitTo: { mode: 'zoom', value: 2 },
    font: { loadSystemFonts: false, fontFiles: FONTS, defaultFontFamily: 'DejaVu Sans' },
  });
  return drawing.render();
}

export async function reportPng(report: Report): Promise<Uint8Array> {
  return (await rendered(report)).asPng();
}

export async function reportJpeg(report: Report): Promise<Uint8Array> {
  const { pixels, width, height } = await rendered(report);
  const { default: jpeg } = await import('jpeg-js');
  return jpeg.encode({ data: pixels, width, height }, JPEG_QUALITY).data;
}
