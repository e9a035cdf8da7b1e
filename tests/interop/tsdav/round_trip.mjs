// One user's day with tsdav: find the calendars, add, change, delete, and follow the changes.
// Prints one JSON line with what was seen; any surprise ends it with an exit code.
import assert from "node:assert/strict";
import { createDAVClient } from "tsdav";

const [serverUrl, username, password] = process.argv.slice(2);
const client = await createDAVClient({
  serverUrl,
  credentials: { username, password },
  authMethod: "Basic",
  defaultAccountType: "caldav",
});

function event(uid, summary, day = "20260310") {
  return [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//tsdav//EN", "BEGIN:VEVENT",
    `UID:${uid}`, "DTSTAMP:20260301T000000Z", `DTSTART:${day}T090000Z`, `DTEND:${day}T100000Z`,
    `SUMMARY:${summary}`, "X-OWN;X-PARAMETER=1:kept", "END:VEVENT", "END:VCALENDAR", "",
  ].join("\r\n");
}

async function demand(answer, ...statuses) {
  const response = await answer;
  assert.ok(statuses.includes(response.status), `${response.status}: ${await response.text()}`);
  return response;
}

const calendars = await client.fetchCalendars();
const named = (name) => calendars.find((calendar) => calendar.url.endsWith(`/${name}/`));
const calendar = named("activities");
assert.ok(calendar, "no calendar of activities was found");
assert.deepEqual(named("tasks").components, ["VTODO"]);
assert.ok(calendar.ctag && calendar.syncToken);

// Add.
await demand(
  client.createCalendarObject({ calendar, filename: "ts.ics", iCalString: event("ts", "Call Mira") }),
  201,
);
// A name that is taken stays with who has it.
await demand(
  client.createCalendarObject({ calendar, filename: "ts.ics", iCalString: event("ts", "Lost") }),
  412,
);
const [stored] = await client.fetchCalendarObjects({ calendar });
// tsdav cuts white space off both ends of what it reads.
assert.equal(stored.data, event("ts", "Call Mira").trim());

// Ask for a time, and for the instances of a series.
const inRange = (start, end, more) =>
  client.fetchCalendarObjects({ calendar, timeRange: { start, end }, ...more });
assert.equal((await inRange("2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z")).length, 1);
assert.equal((await inRange("2026-03-11T00:00:00Z", "2026-03-12T00:00:00Z")).length, 0);
const series = event("daily", "Stand-up", "20260401").replace("SUMMARY", "RRULE:FREQ=DAILY;COUNT=9\r\nSUMMARY");
await demand(client.createCalendarObject({ calendar, filename: "daily.ics", iCalString: series }), 201);
const [expanded] = await inRange("2026-04-02T00:00:00Z", "2026-04-05T00:00:00Z", { expand: true });
assert.equal(expanded.data.split("BEGIN:VEVENT").length - 1, 3);

// Change: with the right ETag it is done, with the old one refused.
const changed = { ...stored, data: event("ts", "Call Mira back") };
await demand(client.updateCalendarObject({ calendarObject: changed }), 200, 201, 204);
await demand(client.updateCalendarObject({ calendarObject: changed }), 412);

// Follow the changes from the token we began with.
const synced = await client.smartCollectionSync({
  collection: { ...calendar, objects: [], objectMultiGet: client.calendarMultiGet },
  method: "webdav",
  detailedResult: true,
});
const summaries = synced.objects.created.map((object) => /SUMMARY:(.*)\r/.exec(object.data)[1]);
assert.deepEqual(summaries.sort(), ["Call Mira back", "Stand-up"]);

// Delete, and hear of it.
const [gone] = await client.fetchCalendarObjects({ calendar, objectUrls: [stored.url] });
await demand(client.deleteCalendarObject({ calendarObject: stored }), 412);
await demand(client.deleteCalendarObject({ calendarObject: gone }), 200, 204);
const again = await client.smartCollectionSync({
  collection: {
    ...calendar,
    syncToken: synced.syncToken,
    objects: synced.objects.created,
    objectMultiGet: client.calendarMultiGet,
  },
  method: "webdav",
  detailedResult: true,
});
assert.deepEqual(again.objects.deleted.map((object) => object.url), [stored.url]);
assert.deepEqual([...again.objects.created, ...again.objects.updated], []);

// A further calendar of one's own.
const url = new URL("from-tsdav/", calendar.url.replace(/activities\/$/, "")).href;
await client.makeCalendar({ url, props: { displayname: "From tsdav" } });
const later = await client.fetchCalendars();
assert.equal(later.find((found) => found.url === url).displayName, "From tsdav");

console.log(JSON.stringify({ calendars: calendars.map((found) => found.displayName) }));
