// The ways of the arrows of one level. Between the rows of boxes lie channels, and each arrow has a lane in a channel
// for itself; arrows between rows that are not neighbours pass the boxes on the left or right, on tracks.
/** @import { LevelArrow } from "./chart-levels.js" */
/** @import { Placed } from "./chart-rows.js" */

/** @typedef {{ readonly x: number; readonly y: number }} Point */
/** @typedef {{ readonly arrow: LevelArrow; readonly points: Point[]; readonly label: Point }} Routed */

/** A lane is as high as what stands at its arrow. */
const lanePitch = 15;
const channelPad = 9;
const emptyChannel = 16;
const trackPitch = 9;
/** Two arrows between the same neighbours lie this far from the middle. */
const apart = 6;

/**
 * A place where an arrow meets a box, at its upper or lower side.
 *
 * @typedef {{ readonly box: Placed; readonly side: "top" | "bottom"; x: number; readonly towards: number }} Port
 */

/**
 * @typedef {object} Way an arrow that uses channels
 * @property {LevelArrow} arrow
 * @property {Port} out
 * @property {Port} into
 * @property {number} leaves the channel it leaves through
 * @property {number} enters the channel it enters through; the same, unless it takes a track
 * @property {"left" | "right" | undefined} track
 */

/**
 * @param {readonly (readonly Placed[])[]} rows
 * @param {number} width
 * @param {readonly LevelArrow[]} arrows
 * @param {(arrow: LevelArrow) => number} labelWidth
 * @returns {{ readonly tops: readonly number[]; readonly heights: readonly number[]; readonly routed: readonly Routed[]; readonly left: number; readonly right: number; readonly height: number }}
 *   where each row begins, how high it is, how far tracks reach beyond 0 and `width`, and how high all is
 */
export function route(rows, width, arrows, labelWidth) {
  const boxes = new Map(rows.flat().map((box) => [box.id, box]));
  /** @type {LevelArrow[]} */
  const straight = [];
  /** @type {Way[]} */
  const ways = [];
  for (const arrow of arrows) {
    const [from, to] = [boxes.get(arrow.from), boxes.get(arrow.to)];
    if (from === undefined || to === undefined || from === to) continue;
    if (areNeighbours(rows, from, to)) straight.push(arrow);
    else ways.push(wayOf(arrow, from, to, width));
  }
  spreadPorts(ways);
  const tracks = assignTracks(ways, width);
  const lanes = assignLanes(ways, tracks, rows.length + 1, labelWidth);

  const heights = rows.map((row) => Math.max(0, ...row.map((box) => box.height)));
  /** @type {number[]} */
  const channelTops = [];
  /** @type {number[]} */
  const tops = [];
  let y = 0;
  for (let channel = 0; channel <= rows.length; channel += 1) {
    channelTops.push(y);
    const used = lanes.counts[channel] ?? 0;
    const outer = channel === 0 || channel === rows.length;
    y += used === 0 ? (outer ? 0 : emptyChannel) : used * lanePitch + 2 * channelPad - 4;
    if (channel < rows.length) {
      tops.push(y);
      y += heights[channel] ?? 0;
    }
  }
  const laneY = (/** @type {number} */ channel, /** @type {number} */ lane) =>
    (channelTops[channel] ?? 0) + channelPad + lane * lanePitch + lanePitch / 2 - 2;
  const middle = (/** @type {Placed} */ box) => (tops[box.row] ?? 0) + (heights[box.row] ?? 0) / 2;
  const portY = (/** @type {Port} */ { box, side }) =>
    middle(box) + (side === "top" ? -box.height / 2 : box.height / 2);

  const routed = [
    ...straight.map((arrow) => straightRoute(arrow, boxes, straight, middle)),
    ...ways.map((way) => channelRoute(way, portY, laneY, lanes, tracks)),
  ];
  const left = tracks.count.left === 0 ? 0 : tracks.count.left * trackPitch + 6;
  const right = tracks.count.right === 0 ? 0 : tracks.count.right * trackPitch + 6;
  return { tops, heights, routed, left, right, height: y };
}

/** @type {(rows: readonly (readonly Placed[])[], a: Placed, b: Placed) => boolean} */
function areNeighbours(rows, a, b) {
  const row = rows[a.row] ?? [];
  return a.row === b.row && Math.abs(row.indexOf(a) - row.indexOf(b)) === 1;
}

/** @type {(arrow: LevelArrow, from: Placed, to: Placed, width: number) => Way} */
function wayOf(arrow, from, to, width) {
  const down = to.row > from.row;
  const level = to.row === from.row;
  const near = Math.abs(to.row - from.row) <= 1;
  const center = (/** @type {Placed} */ box) => box.x + box.width / 2;
  const track = near ? undefined : center(from) + center(to) < width ? "left" : "right";
  const aim = track === undefined ? undefined : track === "left" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return {
    arrow,
    out: { box: from, side: down ? "bottom" : "top", x: center(from), towards: aim ?? center(to) },
    into: { box: to, side: level || down ? "top" : "bottom", x: center(to), towards: aim ?? center(from) },
    leaves: down ? from.row + 1 : from.row,
    enters: level || down ? to.row : to.row + 1,
    track,
  };
}

/**
 * Spreads the arrows along the sides of the boxes, in the order of where they lead; a lone arrow that can go straight
 * does.
 *
 * @param {readonly Way[]} ways
 */
function spreadPorts(ways) {
  /** @type {Map<string, Port[]>} */
  const sides = new Map();
  for (const port of ways.flatMap(({ out, into }) => [out, into])) {
    const key = `${port.box.id} ${port.side}`;
    sides.set(key, [...(sides.get(key) ?? []), port]);
  }
  for (const ports of sides.values()) {
    ports.sort((a, b) => a.towards - b.towards);
    ports.forEach((port, index) => {
      port.x = port.box.x + (port.box.width * (index + 1)) / (ports.length + 1);
    });
  }
  for (const { out, into, track } of ways) {
    if (track !== undefined || out.box.row === into.box.row) continue;
    const alone = (/** @type {Port} */ { box, side }) => sides.get(`${box.id} ${side}`)?.length === 1;
    const covers = (/** @type {Port} */ { box }, /** @type {number} */ x) => x > box.x + 8 && x < box.x + box.width - 8;
    if (alone(into) && covers(into, out.x)) into.x = out.x;
    else if (alone(out) && covers(out, into.x)) out.x = into.x;
  }
}

/** @typedef {{ readonly x: Map<Way, number>; readonly count: { left: number; right: number } }} Tracks */

/** @type {(ways: readonly Way[], width: number) => Tracks} */
function assignTracks(ways, width) {
  /** @type {Tracks} */
  const tracks = { x: new Map(), count: { left: 0, right: 0 } };
  // The shortest lie innermost, so that they cross the fewest.
  const spans = ways.filter((way) => way.track !== undefined).toSorted((a, b) => span(a) - span(b));
  for (const way of spans) {
    if (way.track === undefined) continue;
    tracks.count[way.track] += 1;
    const out = tracks.count[way.track] * trackPitch;
    tracks.x.set(way, way.track === "left" ? -out : width + out);
  }
  return tracks;
}

/** @param {Way} way */
function span(way) {
  return Math.abs(way.leaves - way.enters);
}

/** @typedef {{ readonly of: Map<string, number>; readonly counts: readonly number[] }} Lanes lanes by arrow and channel */

/** @type {(ways: readonly Way[], tracks: Tracks, channels: number, labelWidth: (arrow: LevelArrow) => number) => Lanes} */
function assignLanes(ways, tracks, channels, labelWidth) {
  /** @type {{ way: Way; channel: number; from: number; to: number }[]} */
  const stretches = ways.flatMap((way) => {
    const half = labelWidth(way.arrow) / 2 + 3;
    const track = tracks.x.get(way);
    const stretch = (
      /** @type {number} */ channel,
      /** @type {number} */ a,
      /** @type {number} */ b,
      /** @type {boolean} */ labelled,
    ) => {
      const middle = (a + b) / 2;
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return {
        way,
        channel,
        from: labelled ? Math.min(low, middle - half) : low,
        to: labelled ? Math.max(high, middle + half) : high,
      };
    };
    if (track === undefined) return [stretch(way.leaves, way.out.x, way.into.x, true)];
    return [stretch(way.leaves, way.out.x, track, true), stretch(way.enters, track, way.into.x, false)];
  });
  const of = new Map();
  const counts = Array.from({ length: channels }, () => 0);
  for (let channel = 0; channel < channels; channel += 1) {
    /** @type {{ from: number; to: number }[][]} */
    const lanes = [];
    const here = stretches
      .filter((stretch) => stretch.channel === channel)
      .toSorted((a, b) => a.to - a.from - (b.to - b.from));
    for (const stretch of here) {
      let lane = lanes.findIndex((taken) =>
        taken.every((other) => other.to + 6 < stretch.from || stretch.to + 6 < other.from),
      );
      if (lane === -1) lane = lanes.push([]) - 1;
      lanes[lane]?.push(stretch);
      of.set(`${stretch.way.arrow.id} ${channel}`, lane);
    }
    counts[channel] = lanes.length;
  }
  return { of, counts };
}

/** @type {(arrow: LevelArrow, boxes: ReadonlyMap<string, Placed>, all: readonly LevelArrow[], middle: (box: Placed) => number) => Routed} */
function straightRoute(arrow, boxes, all, middle) {
  const from = boxes.get(arrow.from);
  const to = boxes.get(arrow.to);
  if (from === undefined || to === undefined) return { arrow, points: [], label: { x: 0, y: 0 } };
  const both = all.some((other) => other.from === arrow.to && other.to === arrow.from);
  const right = to.x > from.x;
  const y = middle(from) + (both ? (right ? -apart : apart) : 0);
  const [x1, x2] = right ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  return {
    arrow,
    points: [
      { x: x1, y },
      { x: x2, y },
    ],
    label: { x: (x1 + x2) / 2, y: both && !right ? y + 12 : y - 5 },
  };
}

/** @type {(way: Way, portY: (port: Port) => number, laneY: (channel: number, lane: number) => number, lanes: Lanes, tracks: Tracks) => Routed} */
function channelRoute(way, portY, laneY, lanes, tracks) {
  const { arrow, out, into } = way;
  const leaveY = laneY(way.leaves, lanes.of.get(`${arrow.id} ${way.leaves}`) ?? 0);
  const track = tracks.x.get(way);
  const start = { x: out.x, y: portY(out) };
  const end = { x: into.x, y: portY(into) };
  if (track === undefined) {
    const label = { x: (out.x + into.x) / 2, y: leaveY + 4 };
    return { arrow, points: [start, { x: out.x, y: leaveY }, { x: into.x, y: leaveY }, end], label };
  }
  const enterY = laneY(way.enters, lanes.of.get(`${arrow.id} ${way.enters}`) ?? 0);
  const points = [
    start,
    { x: out.x, y: leaveY },
    { x: track, y: leaveY },
    { x: track, y: enterY },
    { x: into.x, y: enterY },
    end,
  ];
  return { arrow, points, label: { x: (out.x + track) / 2, y: leaveY + 4 } };
}
