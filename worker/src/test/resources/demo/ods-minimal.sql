-- What the minimal template holds: descriptors and school years, and no organization and no person.
INSERT INTO public.DeployJournal (ScriptName, Applied) VALUES
    ('EdFi.Ods.Standard.Artifacts.PgSql.Structure.Ods.0020-Tables.sql', '2026-08-01 06:00:00'),
    ('EdFi.Ods.Standard.Artifacts.PgSql.Structure.Ods.0030-ForeignKeys.sql', '2026-08-01 06:00:01'),
    ('EdFi.Ods.Standard.Artifacts.PgSql.Data.Ods.0010-SchoolYears.sql', '2026-08-01 06:00:02');

INSERT INTO edfi.SchoolYearType (SchoolYear, SchoolYearDescription, CurrentSchoolYear)
SELECT year, (year - 1) || '-' || year, year = 2023 FROM generate_series(2021, 2026) AS year;

INSERT INTO edfi.Descriptor (Namespace, CodeValue, ShortDescription, Description, Discriminator, Uri)
SELECT 'uri://ed-fi.org/GradeLevelDescriptor', grade, grade, grade, 'edfi.GradeLevelDescriptor',
       'uri://ed-fi.org/GradeLevelDescriptor#' || grade
FROM unnest(ARRAY['Kindergarten', 'First grade', 'Second grade', 'Third grade', 'Fourth grade', 'Fifth grade',
                  'Sixth grade', 'Seventh grade', 'Eighth grade', 'Ninth grade', 'Tenth grade', 'Eleventh grade',
                  'Twelfth grade']) AS grade;
INSERT INTO edfi.GradeLevelDescriptor (GradeLevelDescriptorId) SELECT DescriptorId FROM edfi.Descriptor;

INSERT INTO edfi.Descriptor (Namespace, CodeValue, ShortDescription, Description, Discriminator, Uri)
SELECT 'uri://ed-fi.org/LocalEducationAgencyCategoryDescriptor', category, category, category,
       'edfi.LocalEducationAgencyCategoryDescriptor',
       'uri://ed-fi.org/LocalEducationAgencyCategoryDescriptor#' || category
FROM unnest(ARRAY['Independent', 'Charter', 'Regular public school district']) AS category;
INSERT INTO edfi.LocalEducationAgencyCategoryDescriptor (LocalEducationAgencyCategoryDescriptorId)
SELECT DescriptorId FROM edfi.Descriptor WHERE Discriminator = 'edfi.LocalEducationAgencyCategoryDescriptor';
