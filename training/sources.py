"""Where the training text comes from; goes into every card and into public/models/LICENSES.md."""

SOURCES = {
    'story': ('FairytaleQA; 48 Project Gutenberg children\'s books; African Storybook, English, stories marked CC BY; '
              'Pratham Books StoryWeaver, English', 'Apache-2.0; public domain; CC BY; CC BY 4.0'),
    'prose': ('ELTeC-eng, English novels 1840-1920', 'texts public domain, markup CC BY 4.0 (removed)'),
    'french': ('ELTeC-fra, French novels 1840-1920', 'texts public domain, markup CC BY 4.0 (removed)'),
    'german': ('ELTeC-deu, German novels 1840-1920', 'texts public domain, markup CC BY 4.0 (removed)'),
    'spanish': ('ELTeC-spa, Spanish novels 1840-1920', 'texts public domain, markup CC BY 4.0 (removed)'),
    'verse': ('Shakespeare\'s plays; PoetryDB; Project Gutenberg English poetry 1500-1900', 'public domain'),
    'code': ('TypeScript and JavaScript of well-known open libraries', 'MIT, BSD-3-Clause, Apache-2.0, ISC; a little documentation code CC BY 4.0'),
    'math': ('GSM8K train and test, SVAMP', 'MIT'),
}
SOURCES = {name: {'sources': s, 'licence': l} for name, (s, l) in SOURCES.items()}

LICENSES = '''# Licences of the training data

The models in this folder were trained from scratch on the text below; the text itself is not distributed here, except
short held-out passages in `heldout.json` and in the cards. The weights are released under the MIT licence.

| domain | sources | licence of the text |
|---|---|---|
''' + '\n'.join(f"| {name} | {s['sources']} | {s['licence']} |" for name, s in SOURCES.items()) + '''

Attribution: African Storybook (africanstorybook.org, CC BY), Pratham Books StoryWeaver (storyweaver.org.in, CC BY 4.0),
FairytaleQA (Apache-2.0), GSM8K (OpenAI, MIT), SVAMP (Patel et al., MIT), European Literary Text Collection (ELTeC, COST Action CA16204).
'''
