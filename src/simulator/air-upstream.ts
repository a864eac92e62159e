import type { AirHour, AirWorld, UpstreamAirStation } from './air-world.ts';
import { DAY_S, HOUR_S, UPSTREAM_OFFSET_S, twoDigits, wallClock } from './options.ts';

const primaryNames: Record<string, string> = {
  pm25: '细颗粒物(PM2.5)',
  pm10: '颗粒物(PM10)',
  so2: '二氧化硫(SO2)',
  no2: '二氧化氮(NO2)',
  o3: '臭氧1小时(O3_1h)',
  o3_8h: '臭氧8小时(O3_8h)',
  co: '一氧化碳(CO)',
};

const primaryText = (row: AirHour): string =>
  row.primary.map((column) => primaryNames[column] ?? column).join(',');

/** `GetAQIDataPublishLive`: the stations of a city, numbers as text, gaps as a dash. */
export function liveCity(world: AirWorld, query: { city: string; nowS: number }): string {
  const stations = world.stations.filter((one) => one.city === query.city);
  return JSON.stringify(
    stations.map((one) => liveStation(one, world.row(one, world.newestEndS(one, query.nowS)))),
  );
}

function liveStation(of: UpstreamAirStation, row: AirHour): Record<string, unknown> {
  const text = (value: number | null): string => (value === null ? '—' : String(value));
  const { date, hour } = wallClock(row.endS);
  const position = of.station.position;
  return {
    Area: of.city,
    StationCode: of.code,
    PositionName: of.station.name.zh,
    TimePoint: `/Date(${row.endS * 1000})/`,
    TimePointStr: `${date.slice(8)}日${twoDigits(hour)}时`,
    AQI: text(row.aqi),
    PM10: text(row.hour.pm10),
    PM10_24h: text(row.day.pm10),
    PM2_5: text(row.hour.pm25),
    PM2_5_24h: text(row.day.pm25),
    O3: text(row.hour.o3),
    O3_24h: text(row.o3LargestOfDay),
    O3_8h: text(row.o3Eight),
    O3_8h_24h: text(row.o3EightLargestOfDay),
    NO2: text(row.hour.no2),
    NO2_24h: text(row.day.no2),
    SO2: text(row.hour.so2),
    SO2_24h: text(row.day.so2),
    CO: text(row.hour.co),
    CO_24h: text(row.day.co),
    PrimaryPollutant: row.primary.length === 0 ? '—' : primaryText(row),
    Latitude: String(position?.lat ?? ''),
    Longitude: String(position?.lon ?? ''),
  };
}

const archiveHeaders =
  'timepoint,stationcode,longitude,latitude,area,positionname,primarypollutant,aqi,' +
  'pm10,pm10_24h,pm2_5,pm2_5_24h,o3,o3_24h,o3_8h,o3_8h_24h,no2,no2_24h,so2,so2_24h,co,co_24h';

/** One civil day of hour labels, 00:00 to 23:00, as far as they are published by `nowS`. */
export function archiveDay(world: AirWorld, day: { date: string; nowS: number }): string {
  const beginS = Date.parse(`${day.date}T00:00:00Z`) / 1000 - UPSTREAM_OFFSET_S;
  const lines = [archiveHeaders];
  for (let endS = beginS; endS < beginS + DAY_S; endS += HOUR_S) {
    for (const one of world.stations) {
      if (world.publishedS(one, endS) <= day.nowS) lines.push(archiveRow(one, world.row(one, endS)));
    }
  }
  return `${lines.join('\n')}\n`;
}

function archiveRow(of: UpstreamAirStation, row: AirHour): string {
  const text = (value: number | null): string => (value === null ? 'NA' : String(value));
  const { date, hour } = wallClock(row.endS);
  const { hour: h, day: d } = row;
  const particles = [h.pm10, d.pm10, h.pm25, d.pm25];
  const ozone = [h.o3, row.o3LargestOfDay, row.o3Eight, row.o3EightLargestOfDay];
  const gases = [h.no2, d.no2, h.so2, d.so2, h.co, d.co];
  const primary = row.primary.length > 1 ? `"${primaryText(row)}"` : primaryText(row);
  const place = [of.station.position?.lon ?? '', of.station.position?.lat ?? '', of.city, of.station.name.zh];
  const values = [...particles, ...ozone, ...gases].map(text);
  return [`${date}T${twoDigits(hour)}00`, of.code, ...place, primary, text(row.aqi), ...values].join(',');
}
