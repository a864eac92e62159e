import Feature, { type FeatureLike } from 'ol/Feature.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import MultiPolygon from 'ol/geom/MultiPolygon.js';
import Point from 'ol/geom/Point.js';
import Polygon from 'ol/geom/Polygon.js';
import VectorLayer from 'ol/layer/Vector.js';
import { fromLonLat } from 'ol/proj.js';
import VectorSource from 'ol/source/Vector.js';
import { Fill, Icon, Stroke, Style, Text as TextStyle } from 'ol/style.js';
import type { FeatureCollection, Text } from '../api/types.ts';
import type { Mark } from './marks.ts';
import { symbolAddress } from './symbols.ts';

const format = new GeoJSON({ featureProjection: 'EPSG:3857', dataProjection: 'EPSG:4326' });
const font = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif";

/** Shows what has a geometry, instead of what was shown before. */
export function replaceFeatures(source: VectorSource, collection: FeatureCollection): void {
  const features = collection.features.filter((one) => one.geometry !== null);
  source.clear(true);
  source.addFeatures(format.readFeatures({ ...collection, features }));
}

const nameOf = (feature: { get(key: string): unknown }): Text => feature.get('name') as Text;

/** One name a jurisdiction, on its largest part. */
function namePlace(feature: FeatureLike): Point {
  const geometry = feature.getGeometry();
  const parts =
    geometry instanceof MultiPolygon ? geometry.getPolygons() : geometry instanceof Polygon ? [geometry] : [];
  const largest = parts.toSorted((a, b) => b.getArea() - a.getArea())[0];
  return largest?.getInteriorPoint() ?? new Point([0, 0]);
}

/** Prefectures: members stand out; all are schematic. */
export function outlineLayer(pick: () => (text: Text) => string): VectorLayer<VectorSource> {
  return new VectorLayer({
    source: new VectorSource(),
    zIndex: 1,
    style: (feature) => {
      const member = feature.get('member') === true;
      const area = new Style({
        fill: new Fill({ color: member ? '#fdfcf7' : '#eceff1' }),
        stroke: new Stroke({
          color: member ? '#8b97a6' : '#cfd6dd',
          width: member ? 1.4 : 0.8,
          lineDash: [6, 3],
        }),
      });
      const name = new Style({
        geometry: namePlace(feature),
        text: new TextStyle({
          text: pick()(nameOf(feature)),
          font: `${member ? 'bold 13px' : '11px'} ${font}`,
          fill: new Fill({ color: member ? '#5a6675' : '#8a95a2' }),
          stroke: new Stroke({ color: '#ffffffcc', width: 3 }),
          overflow: true,
        }),
      });
      return [area, name];
    },
  });
}

export function riverLayer(pick: () => (text: Text) => string): VectorLayer<VectorSource> {
  return new VectorLayer({
    source: new VectorSource(),
    zIndex: 2,
    declutter: 'rivers',
    style: (feature, resolution) =>
      new Style({
        stroke: new Stroke({ color: '#7fb2d6', width: 2, lineCap: 'round', lineJoin: 'round' }),
        ...(resolution > 420
          ? {}
          : {
              text: new TextStyle({
                text: pick()(nameOf(feature)),
                placement: 'line',
                font: `italic 11px ${font}`,
                fill: new Fill({ color: '#2f6f9c' }),
                stroke: new Stroke({ color: '#ffffffdd', width: 3 }),
              }),
            }),
      }),
  });
}

function markStyle(mark: Mark, label: string, resolution: number): Style {
  const scale = resolution > 700 ? 0.78 : resolution > 300 ? 0.9 : 1;
  const icon = new Icon({ src: symbolAddress(mark.symbol), scale });
  const style = new Style({ image: icon, zIndex: mark.symbol.over ? 1000 : (mark.symbol.grade ?? 0) });
  if (resolution < 190) {
    style.setText(
      new TextStyle({
        text: label,
        offsetY: 20,
        font: `11px ${font}`,
        fill: new Fill({ color: '#1c2733' }),
        stroke: new Stroke({ color: '#ffffff', width: 3 }),
      }),
    );
  }
  return style;
}

export function stationLayer(pick: () => (text: Text) => string): VectorLayer<VectorSource> {
  return new VectorLayer({
    source: new VectorSource(),
    zIndex: 3,
    style: (feature, resolution) => {
      const mark = feature.get('mark') as Mark;
      return markStyle(mark, pick()(mark.name), resolution);
    },
  });
}

/** Replaces what the layer shows; stations without a place are left out. */
export function showMarks(source: VectorSource, marks: readonly Mark[]): void {
  source.clear(true);
  source.addFeatures(
    marks.flatMap((mark) => {
      if (mark.place === null) return [];
      const feature = new Feature({
        geometry: new Point(fromLonLat([mark.place.lon, mark.place.lat])),
        mark,
      });
      feature.setId(mark.id);
      return [feature];
    }),
  );
}
