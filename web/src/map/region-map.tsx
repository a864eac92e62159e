import { MinusOutlined, PlusOutlined, ExpandOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { isEmpty } from 'ol/extent.js';
import OlMap from 'ol/Map.js';
import VectorSource from 'ol/source/Vector.js';
import View from 'ol/View.js';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import type { FeatureCollection, Text } from '../api/types.ts';
import { useWords } from '../i18n/language.ts';
import { outlineLayer, replaceFeatures, riverLayer, showMarks, stationLayer } from './layers.ts';
import type { Mark } from './marks.ts';

interface Drawn {
  map: OlMap;
  outlines: VectorSource;
  rivers: VectorSource;
  stations: VectorSource;
  /** Someone chose a view; until then the members are kept in view whatever the size. */
  moved: boolean;
}

/** All members of the region in view. */
function fit({ map, outlines }: Drawn, duration: number): void {
  const members = outlines.getFeatures().filter((feature) => feature.get('member') === true);
  const extent = new VectorSource({ features: members }).getExtent();
  if (extent === null || isEmpty(extent)) return;
  map.getView().fit(extent, { padding: [14, 14, 14, 14], duration });
}

function fitUnlessMoved(made: Drawn): void {
  if (!made.moved) fit(made, 0);
}

function zoomBy(made: Drawn, steps: number): void {
  made.moved = true;
  const view = made.map.getView();
  view.animate({ zoom: (view.getZoom() ?? 7) + steps, duration: 160 });
}

function markAt(map: OlMap, pixel: number[]): Mark | undefined {
  return map.forEachFeatureAtPixel(pixel, (feature) => feature.get('mark') as Mark | undefined, {
    hitTolerance: 5,
  });
}

function draw(target: HTMLElement, pick: () => (text: Text) => string): Drawn {
  const [outlines, rivers, stations] = [outlineLayer(pick), riverLayer(pick), stationLayer(pick)];
  const map = new OlMap({
    target,
    layers: [outlines, rivers, stations],
    controls: [],
    view: new View({ center: [13_270_000, 3_240_000], zoom: 7, minZoom: 6, maxZoom: 14 }),
  });
  const sourceOf = (layer: { getSource(): VectorSource | null }) => layer.getSource() ?? new VectorSource();
  return {
    map,
    outlines: sourceOf(outlines),
    rivers: sourceOf(rivers),
    stations: sourceOf(stations),
    moved: false,
  };
}

interface Hover {
  x: number;
  y: number;
  mark: Mark;
}

interface Props {
  outlines: FeatureCollection | undefined;
  rivers: FeatureCollection | undefined;
  marks: readonly Mark[];
  onSelect: (mark: Mark) => void;
  describe: (mark: Mark) => string;
}

/** The map in `target`, kept in step with facts and marks; words and the choice of a station may change meanwhile. */
function useMap({ outlines, rivers, marks, onSelect }: Omit<Props, 'describe'>) {
  const { pick } = useWords();
  const target = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const current = useRef({ pick, onSelect });
  const [hover, setHover] = useState<Hover | null>(null);
  useEffect(() => {
    current.current = { pick, onSelect };
    for (const layer of drawn.current?.map.getAllLayers() ?? []) layer.changed();
  }, [pick, onSelect]);
  useEffect(() => {
    if (target.current === null) return undefined;
    const made = draw(target.current, () => current.current.pick);
    drawn.current = made;
    made.map.on('change:size', () => fitUnlessMoved(made));
    const move = () => (made.moved = true);
    made.map.on('pointerdrag', move);
    for (const kind of ['wheel', 'keydown']) target.current.addEventListener(kind, move, { passive: true });
    made.map.on('click', (event) => {
      const mark = markAt(made.map, event.pixel);
      if (mark !== undefined) current.current.onSelect(mark);
    });
    made.map.on('pointermove', (event) => {
      const mark = event.dragging ? undefined : markAt(made.map, event.pixel);
      const [x = 0, y = 0] = event.pixel;
      const canvas = made.map.getTargetElement();
      if (canvas instanceof HTMLElement) canvas.style.cursor = mark === undefined ? '' : 'pointer';
      setHover(mark === undefined ? null : { x, y, mark });
    });
    return () => {
      drawn.current = null;
      made.map.setTarget();
    };
  }, []);
  useEffect(() => {
    if (drawn.current === null || outlines === undefined) return;
    replaceFeatures(drawn.current.outlines, outlines);
    fitUnlessMoved(drawn.current);
  }, [outlines]);
  useEffect(() => {
    if (drawn.current !== null && rivers !== undefined) replaceFeatures(drawn.current.rivers, rivers);
  }, [rivers]);
  useEffect(() => {
    if (drawn.current !== null) showMarks(drawn.current.stations, marks);
  }, [marks]);
  const act = (what: (made: Drawn) => void) => () => {
    if (drawn.current !== null) what(drawn.current);
  };
  return { target, hover, act };
}

function showAll(made: Drawn): void {
  made.moved = false;
  fit(made, 200);
}

/** Schematic map on a canvas; everything on it also stands in the table beside it. */
export function RegionMap({ describe, ...props }: Props): ReactElement {
  const { t } = useWords();
  const { target, hover, act } = useMap(props);
  return (
    <div className="map">
      <div
        className="map-canvas"
        ref={target}
        role="application"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the map is moved by keyboard
        tabIndex={0}
        aria-label={t('map.label')}
        data-testid="map"
        data-marks={props.marks.filter((mark) => mark.place !== null).length}
      />
      {hover === null ? null : (
        <div className="map-tip" style={{ left: hover.x, top: hover.y }}>
          {describe(hover.mark)}
        </div>
      )}
      <div className="map-buttons">
        <Button
          aria-label={t('map.zoomIn')}
          icon={<PlusOutlined />}
          onClick={act((made) => zoomBy(made, 1))}
        />
        <Button
          aria-label={t('map.zoomOut')}
          icon={<MinusOutlined />}
          onClick={act((made) => zoomBy(made, -1))}
        />
        <Button aria-label={t('map.fit')} icon={<ExpandOutlined />} onClick={act(showAll)} />
      </div>
    </div>
  );
}
