pragma user_version = 1;
-- One tap of a citizen, by its idempotency key: kept before anything is sent.
create table tap (
  key text primary key,
  ask text not null,
  token text not null,
  tapped_us integer not null,
  -- The number, as it was given; null until there is one.
  ticket text,
  ticket_id text unique,
  -- Taken from this block without the centre; null when the centre gave it.
  block_id text,
  -- Order in which numbers were taken from blocks.
  turn integer unique,
  -- When the centre had last been heard, then.
  contact_us integer,
  -- Of a number from a block: '' not yet told, 'told', or why the centre refused it.
  told text not null default '',
  -- none, begun, printed, or why it was not.
  paper text not null default 'none',
  copies integer not null default 0
) strict;
create index tap_untold on tap (turn) where turn is not null and told = '';
create index tap_time on tap (tapped_us);

-- Numbers that the centre has lent to this machine for one area and day; taken from last down to first.
create table block (
  id text primary key,
  day text not null,
  area_id text not null,
  letter text not null,
  first integer not null,
  last integer not null,
  -- The next one to take; below first when none is left.
  next integer not null
) strict;
create index block_day on block (day, area_id, last);

-- What was last heard, and facts about this machine.
create table kept (
  name text primary key,
  body blob not null
) strict;

-- Searches that found nothing, by their words.
create table missed (
  words text primary key,
  count integer not null,
  last_us integer not null
) strict;
