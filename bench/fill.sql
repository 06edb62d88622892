-- rows of a county's past, by generate_series; sealed columns stay empty: no page of the bench opens them
CREATE FUNCTION pg_temp.uuid_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS
  $$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
     || '8' || substr(md5(random()::text), 1, 15))::uuid $$;
CREATE TEMP TABLE places AS SELECT code, row_number() OVER (ORDER BY code) - 1 AS n FROM area WHERE level = 'grid';
CREATE TEMP TABLE past AS
  SELECT s AS n,
         pg_temp.uuid_at(now() - (s * interval '730 days' / current_setting('yijiaan.cases')::int)) AS id,
         now() - (s * interval '730 days' / current_setting('yijiaan.cases')::int) AS at,
         (SELECT code FROM places WHERE places.n = s % (SELECT count(*) FROM places)) AS grid,
         s % 20 = 0 AS is_open
  FROM generate_series(1, current_setting('yijiaan.cases')::int) AS s;
INSERT INTO cases_case (county, id, number, title, status, kind, channel, category_id, is_confidential, urgency, area_code,
    occurred_area_code, is_place_unknown, place, lon, lat, owner_id, level, next_due_at, received_at, handled_at, closed_at,
    close_reason, solved_at_level, reopened_count, report_count, version)
  SELECT '370812', id, '370812' || to_char(at, 'YYMMDD') || 'B' || lpad(n::text, 7, '0'), '路灯不亮，夜里看不清 ' || n,
    CASE WHEN is_open THEN (ARRAY['received','dispatched','in_progress','callback'])[1 + n / 20 % 4] ELSE 'closed' END,
    'help', 'snap_report', (SELECT id FROM category WHERE code = '0401'), false, 'normal', grid, grid, false, '村口', 116.66, 35.64,
    (SELECT id FROM unit WHERE kind = (ARRAY['town_centre','power','construction','enforcement'])[1 + n / 20 % 4] LIMIT 1),
    'town', CASE WHEN is_open THEN now() + (n % 2000 - 400) * interval '1 hour' END, at,
    CASE WHEN is_open THEN NULL ELSE at + interval '2 days' END, CASE WHEN is_open THEN NULL ELSE at + interval '3 days' END,
    CASE WHEN is_open THEN '' ELSE 'solved' END, CASE WHEN is_open THEN '' ELSE 'village' END, 0, 1, 1
  FROM past;
INSERT INTO report (county, id, case_id, number, tracking_search, tracking_sealed, query_code_sealed, query_failures, channel,
    external_number, kind, text, wish, place, lon, lat, area_code, happened_at, received_at, promised_at, is_confidential,
    entered_by_id, client_key, body_hash)
  SELECT '370812', id, id, 'B' || to_char(at, 'YYYYMMDD') || lpad(n::text, 7, '0'), decode(md5(n::text), 'hex'), '', '', 0,
    'snap_report', '', 'help', '三村东头那几个路灯又不亮咧，娃娃放学看不清，上回修了没几天。', '', '村口', 116.66, 35.64, grid, NULL, at,
    at + interval '1 day', false, NULL, gen_random_uuid(), ''
  FROM past;
INSERT INTO journal_entry (county, id, actor_kind, actor_id, post_id, verb, subject_type, subject_id, area_code, data, happened_at, request_id)
  SELECT '370812', id, 'public', '370812102', NULL, 'cases.received', 'cases.case', id, grid, '{}', at, NULL FROM past;
ANALYZE;
