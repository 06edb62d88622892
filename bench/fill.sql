-- a county's past, by generate_series: grids in every village, cases with what was said, who reported, who handled them, the
-- journal of it and what is owed. Two of a hundred are open: what a county works on at a time. Indexes that cost most are made
-- afterwards; names and phones are sealed by nobody, so they stay empty, and the few phones searched for are written by the bench.
SET synchronous_commit = off;
DO $$ BEGIN SET session_replication_role = replica; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;
SET maintenance_work_mem = '512MB';
SET work_mem = '64MB';
CREATE FUNCTION pg_temp.uuid_at(at timestamptz, n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000' || '8' || substr(md5(n::text), 1, 15))::uuid $$;
CREATE FUNCTION pg_temp.pair(a text, b text) RETURNS int LANGUAGE sql IMMUTABLE AS
  $$ SELECT ((ascii(a) & 65535)::bit(16) || (ascii(b) & 65535)::bit(16))::bit(32)::int $$;
CREATE FUNCTION pg_temp.marks(words text) RETURNS int[] LANGUAGE sql IMMUTABLE AS
  $$ SELECT array_agg(DISTINCT pg_temp.pair(substr(words, i, 1), substr(words, i + 1, 1))) FROM generate_series(1, length(words) - 1) AS i
     WHERE position(E'\n' IN substr(words, i, 2)) = 0 $$;
INSERT INTO area (code, parent_id, level, name, full_name, kind, sort_key, letters, valid_from)
  SELECT v.code || '1' || lpad(g::text, 3, '0'), v.code, 'grid', v.name || '第' || g || '网格', v.full_name || '第' || g || '网格',
         '', v.sort_key || ' ' || g, '', v.valid_from
  FROM area v CROSS JOIN generate_series(1, 2 + length(v.name) % 2) AS g
  WHERE v.level = 'village' AND NOT EXISTS (SELECT FROM area c WHERE c.parent_id = v.code AND c.level = 'grid');
CREATE TEMP TABLE places AS
  SELECT a.code, left(a.code, 9) AS town, v.name AS village, row_number() OVER (ORDER BY md5(a.code)) - 1 AS n
  FROM area a JOIN area v ON v.code = left(a.code, 12) WHERE a.level = 'grid';
INSERT INTO unit (id, name, kind, area_id, phone, is_active)
  SELECT gen_random_uuid(), t.name || u.name, u.kind, t.code, '', true FROM area t JOIN unit u ON u.area_id = '370812102'
  WHERE t.level = 'town' AND t.code <> '370812102' AND u.kind IN ('town_centre', 'power', 'construction', 'enforcement', 'police', 'water')
    AND NOT EXISTS (SELECT FROM unit own WHERE own.area_id = t.code AND own.kind = u.kind);
CREATE TEMP TABLE stations AS
  SELECT t.code AS town, array_agg(u.id ORDER BY u.kind) AS ids FROM area t JOIN unit u ON u.area_id = t.code
  WHERE t.level = 'town' AND u.kind IN ('power', 'construction', 'enforcement', 'police', 'water') GROUP BY t.code;
CREATE TEMP TABLE sayings AS
  SELECT row_number() OVER () - 1 AS n, title, said, code, (SELECT id FROM category c WHERE c.code = s.code AND valid_to IS NULL) AS category_id,
         pg_temp.marks(said) AS marks
  FROM (VALUES ('路灯不亮，夜里看不清', '路灯不亮，夜里看不清，娃娃放学走到这里害怕，上回修了没几天。', '0401'),
    ('井盖坏了，车轮差点陷进去', '井盖坏了，车轮差点陷进去，用树枝先挡着，请快点换。', '0402'),
    ('门口垃圾好几天没人收', '门口垃圾好几天没人收，天热味大，苍蝇多。', '0501'),
    ('邻居盖房占了俺家滴水', '邻居盖房占了俺家滴水，说了几回不听，差点打起来。', '0101'),
    ('沟渠堵了，浇不上地', '沟渠堵了，浇不上地，麦子等着水呢。', '0601'),
    ('学校门口接孩子的车乱停', '学校门口接孩子的车乱停，下午四点半堵得走不动。', '0801'),
    ('饭店油烟直排，窗户不敢开', '饭店油烟直排，窗户不敢开，衣服晒不得。', '0502'),
    ('低保怎么申请', '低保怎么申请，要带啥材料，去哪里办？', '0701'),
    ('晚上广场舞太吵', '晚上广场舞太吵，十点了还不停，老人睡不着。', '0502'),
    ('电线低垂，怕大车刮断', '电线低垂，怕大车刮断，收麦子的机子过不去。', '0201'),
    ('自来水发黄有味', '自来水发黄有味，放一会儿也不清，做饭不敢用。', '0401'),
    ('健身器材断了一根', '健身器材断了一根，小孩爱去玩，怕出事。', '0402')) AS s(title, said, code);
CREATE TEMP TABLE past AS
  SELECT s AS n, pg_temp.uuid_at(t.at, s) AS id, t.at, p.code AS grid, p.town, p.village, w.title, w.said, w.marks, w.category_id,
         w.code AS category, s % 50 = 0 AS is_open, (ARRAY['received','dispatched','in_progress','callback'])[1 + s / 50 % 4] AS open_status,
         o.ids[1 + s / 7 % cardinality(o.ids)] AS unit_id, c.id AS centre_id, (ARRAY['snap_report','phone','grid_worker','hotline_12345'])[1 + s / 3 % 4] AS channel,
         p.village || (s % 97 + 1) || '号院西边' AS place
  FROM generate_series(1, current_setting('yijiaan.cases')::int) AS s
  CROSS JOIN LATERAL (SELECT now() - s * (interval '730 days' / current_setting('yijiaan.cases')::int) AS at) AS t
  JOIN places p ON p.n = s::bigint * 7919 % (SELECT count(*) FROM places)
  JOIN sayings w ON w.n = s % (SELECT count(*) FROM sayings)
  JOIN stations o ON o.town = p.town
  JOIN LATERAL (SELECT id FROM unit WHERE kind IN ('town_centre', 'county_centre') AND p.town LIKE area_id || '%' ORDER BY length(area_id) DESC LIMIT 1) AS c ON true;
ANALYZE past;
INSERT INTO cases_case (county, id, number, title, status, kind, channel, category_id, is_confidential, urgency, area_code,
    occurred_area_code, is_place_unknown, place, lon, lat, owner_id, level, next_due_at, received_at, handled_at, closed_at,
    close_reason, solved_at_level, reopened_count, rework_count, hop_count, card, supervision, report_count, version)
  SELECT '370812', id, '370812' || to_char(at, 'YYMMDD') || 'B' || lpad(n::text, 7, '0'), title,
    CASE WHEN is_open THEN open_status ELSE 'closed' END, 'help', channel, CASE WHEN is_open AND open_status = 'received' THEN NULL ELSE category_id END,
    false, 'normal', grid, grid, false, place, 116.66, 35.64, CASE WHEN is_open AND open_status = 'received' THEN centre_id ELSE unit_id END,
    'town', CASE WHEN is_open THEN now() + (n % 2000 - 400) * interval '1 hour' END, at,
    CASE WHEN is_open AND open_status <> 'callback' THEN NULL ELSE at + interval '2 days' END, CASE WHEN is_open THEN NULL ELSE at + interval '3 days' END,
    CASE WHEN is_open THEN '' ELSE 'solved' END, CASE WHEN is_open THEN '' ELSE (ARRAY['grid','village','town','county'])[1 + n / 11 % 4] END,
    0, 0, 0, '', '', 1, 1
  FROM past;
INSERT INTO report (county, id, case_id, number, tracking_search, tracking_sealed, query_code_sealed, query_failures, channel,
    external_number, kind, text, wish, place, lon, lat, area_code, happened_at, received_at, promised_at, is_confidential,
    entered_by_id, client_key, body_hash)
  SELECT '370812', id, id, 'B' || to_char(at, 'YYYYMMDD') || lpad(n::text, 7, '0'), decode(md5(n::text), 'hex'), '', '', 0,
    channel, CASE WHEN n % 40 = 3 THEN 'JN' || n ELSE '' END, 'help', said, '', place, 116.66, 35.64, grid, NULL, at,
    at + interval '1 day', false, NULL, md5('key' || n)::uuid, ''
  FROM past;
INSERT INTO reporter (county, id, report_id, name_sealed, phone_sealed, phone_search)
  SELECT '370812', id, id, '', '', decode(md5('phone' || n % 300000), 'hex') FROM past WHERE n % 2 = 0;
INSERT INTO assignment (county, id, case_id, unit_id, is_lead, note, dispatched_by_id, dispatched_at, signed_by_id, signed_at, ended_at)
  SELECT '370812', id, id, unit_id, true, '', NULL, at + interval '1 hour', NULL,
    CASE WHEN is_open AND open_status = 'dispatched' THEN NULL ELSE at + interval '2 hours' END,
    CASE WHEN is_open AND open_status <> 'callback' THEN NULL ELSE at + interval '2 days' END
  FROM past WHERE NOT is_open OR open_status <> 'received';
INSERT INTO outcome (county, id, case_id, text, level, is_on_spot, unit_id, finished_by_id, finished_at)
  SELECT '370812', id, id, '到现场看过，已经修好。', 'town', false, unit_id, NULL, at + interval '2 days'
  FROM past WHERE NOT is_open OR open_status = 'callback';
INSERT INTO todo (county, id, subject_type, subject_id, kind, unit_id, post_id, area_code, opened_at, due_at, alert_at, tell_at, card,
    climbs, terms, calendar_version, done_at, done_by_id, is_fulfilled)
  SELECT '370812', id, 'cases.case', id, (ARRAY['dispatch','sign','handle','callback'])[1 + n / 50 % 4],
    CASE WHEN open_status = 'received' THEN centre_id ELSE unit_id END, NULL, grid, at, greatest(now() + (n % 2000 - 400) * interval '1 hour', at),
    greatest(now() + (n % 2000 - 376) * interval '1 hour', at), now() + interval '60 days', '', 0, 'calendar 1440', 0, NULL, NULL, false
  FROM past WHERE is_open;
INSERT INTO journal_entry (county, id, actor_kind, actor_id, post_id, verb, subject_type, subject_id, area_code, data, happened_at, request_id)
  SELECT '370812', pg_temp.uuid_at(past.at + d.after, n), 'system', 'bench', NULL, d.verb, 'cases.case', past.id, grid, d.data::jsonb, past.at + d.after, NULL
  FROM past CROSS JOIN LATERAL (VALUES
      (0, 'cases.received', interval '0', '{}'),
      (1, 'cases.dispatched', interval '1 hour', '{"lead": "' || unit_id || '", "assistants": []}'),
      (2, 'cases.signed', interval '2 hours', '{}'),
      (3, 'cases.finished', interval '2 days', '{"level": "town", "changed": {"next_due_at": ["' || (past.at + interval '47 hours' + (n % 3) * interval '1 hour')::text || '", ""]}}'),
      (4, 'cases.closed', interval '3 days', '{"reason": "solved", "level": "' || (ARRAY['grid','village','town','county'])[1 + n / 11 % 4] || '"}')
    ) AS d(step, verb, after, data)
  WHERE d.step < CASE WHEN NOT is_open THEN CASE WHEN n % 4 = 0 THEN 5 ELSE 1 END ELSE (ARRAY[1, 2, 3, 4])[1 + n / 50 % 4] END;
DROP INDEX case_words_marks;
INSERT INTO case_words (county, id, case_id, words, marks, is_open)
  SELECT '370812', id, id, said || E'\n' || place, marks || pg_temp.marks(place) || -town::int
    || -(400000000 + to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYYMM')::int), is_open FROM past;
CREATE INDEX case_words_marks ON case_words USING gin (marks) WITH (gin_pending_list_limit = 1024);
VACUUM ANALYZE;
