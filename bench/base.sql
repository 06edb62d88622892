-- a county's people: one family that the actions made, copied into every grid with other addresses, names and days
CREATE FUNCTION pg_temp.pairs(words text, town int) RETURNS int[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT array_agg(DISTINCT x ORDER BY x) FROM (SELECT ((ascii(substr(words, i, 1)) & 65535)::bit(16) || (ascii(substr(words, i + 1, 1)) & 65535)::bit(16))::bit(32)::int AS x
     FROM generate_series(1, length(words) - 1) AS i UNION SELECT -town) AS found $$;
CREATE FUNCTION pg_temp.copied(county text) RETURNS jsonb LANGUAGE sql VOLATILE AS
  $$ SELECT jsonb_build_object('id', gen_random_uuid(), 'client_key', gen_random_uuid(), 'county', county) $$;
CREATE TEMP TABLE spots AS
  SELECT code, row_number() OVER (ORDER BY md5(code)) - 1 AS n FROM area
  WHERE level = 'grid' AND code LIKE current_setting('bench.county') || '%' AND code <> current_setting('bench.grid');
CREATE TEMP TABLE homes AS
  SELECT i, gen_random_uuid() AS id, CASE WHEN i <= current_setting('bench.own')::int THEN current_setting('bench.grid') ELSE s.code END AS area,
         (ARRAY['东街','西街','前街','后街','幸福里','槐树巷','老井巷'])[1 + i % 7] AS street, i % 400 AS door
  FROM generate_series(1, current_setting('bench.households')::int) AS i
  JOIN spots s ON s.n = i::bigint * 7919 % (SELECT count(*) FROM spots);
CREATE UNIQUE INDEX ON homes (i);
INSERT INTO household
  SELECT made.*
  FROM homes o CROSS JOIN household h
  CROSS JOIN LATERAL jsonb_populate_record(h, pg_temp.copied(h.county) || jsonb_build_object('id', o.id, 'area_code', o.area, 'household_no', 'H' || o.i,
    'address', o.street || ' ' || o.door || ' 号', 'words', o.street || o.door || '号', 'marks', pg_temp.pairs(o.street || o.door || '号', left(o.area, 9)::int),
    'checked_on', current_date - o.i % 200, 'oldest_on', current_date - o.i % 400, 'filled_count', 2 + o.i % 5)) AS made
  WHERE h.id = current_setting('bench.home')::uuid;
CREATE TEMP TABLE heads AS
  SELECT i, gen_random_uuid() AS id, 1 + (i - 1) % current_setting('bench.households')::int AS home
  FROM generate_series(1, current_setting('bench.people')::int) AS i;
INSERT INTO person
  SELECT made.*
  FROM heads w JOIN homes o ON o.i = w.home CROSS JOIN person p
  CROSS JOIN LATERAL jsonb_populate_record(p, pg_temp.copied(p.county) || jsonb_build_object('id', w.id, 'area_code', o.area,
    'name_search', CASE WHEN w.i % 4000 = 0 THEN p.name_search ELSE decode(md5('n' || w.i % 120000), 'hex') END,
    'sort_key', chr(97 + w.i % 26) || chr(97 + w.i / 26 % 26) || chr(97 + w.i / 676 % 26), 'sex', CASE WHEN w.i % 2 = 0 THEN 'male' ELSE 'female' END,
    'birth_on', date '1935-01-01' + (w.i::bigint * 7919 % 32000)::int, 'phone_search', decode(md5('p' || w.i), 'hex'), 'id_no_search', decode(md5('d' || w.i), 'hex'),
    'checked_on', current_date - w.i % 200, 'oldest_on', current_date - w.i % 400, 'filled_count', 3 + w.i % 5)) AS made
  WHERE p.id = current_setting('bench.person')::uuid;
INSERT INTO membership
  SELECT made.*
  FROM heads w JOIN homes o ON o.i = w.home CROSS JOIN membership m
  CROSS JOIN LATERAL jsonb_populate_record(m, pg_temp.copied(m.county) || jsonb_build_object('person_id', w.id, 'household_id', o.id,
    'relation', CASE WHEN w.i = w.home THEN 'head' ELSE 'child' END)) AS made
  WHERE m.person_id = current_setting('bench.person')::uuid AND m.to_on IS NULL;
CREATE TEMP TABLE cared AS SELECT w.i, gen_random_uuid() AS id, w.id AS person, o.id AS home, o.area FROM heads w JOIN homes o ON o.i = w.home WHERE w.i % 16 = 0;
INSERT INTO care_entry
  SELECT made.*
  FROM cared c CROSS JOIN care_entry e
  CROSS JOIN LATERAL jsonb_populate_record(e, pg_temp.copied(e.county) || jsonb_build_object('id', c.id, 'person_id', c.person, 'area_code', c.area)) AS made
  WHERE e.id = current_setting('bench.care')::uuid;
INSERT INTO visit_arrangement
  SELECT made.*
  FROM cared c CROSS JOIN visit_arrangement a
  CROSS JOIN LATERAL jsonb_populate_record(a, pg_temp.copied(a.county) || jsonb_build_object('care_entry_id', c.id, 'household_id', c.home, 'area_code', c.area,
    'next_on', current_date - 5 + c.i / 16 % 30, 'status', CASE WHEN c.i / 16 % 30 < 5 THEN 'overdue' WHEN c.i / 16 % 30 = 5 THEN 'due' ELSE a.status END)) AS made
  WHERE a.care_entry_id = current_setting('bench.care')::uuid;
ANALYZE household; ANALYZE person; ANALYZE membership; ANALYZE care_entry; ANALYZE visit_arrangement;
