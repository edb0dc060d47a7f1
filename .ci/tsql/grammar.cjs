// Prints the T-SQL grammar that the npm package @dbml/core carries, in the form that TSqlGrammar of the worker reads.
'use strict';
const fs = require('fs');
const path = require('path');
const Module = require('module');

const home = path.resolve(process.argv[2]);
const { version } = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'));
const file = path.join(home, 'lib/index.cjs');
const code = fs.readFileSync(file, 'utf8');

// The package exports neither class, so its code is loaded with one more export.
const types = ['Lexer', 'Parser'].map(kind => {
    const [, name] = new RegExp('([\\w$]+)=class(?: [\\w$]+)? extends [\\w$.]+\\.' + kind
        + '\\{static grammarFileName=`TSql' + kind + '\\.g4`').exec(code);
    return { kind, name };
});
const bundle = new Module(file, module);
bundle.filename = file;
bundle.paths = Module._nodeModulePaths(path.dirname(file));
bundle._compile(code + ';exports.types=[' + types.map(type => type.name) + '];', file);

function print(name, values) {
    const texts = values.map(value => value ?? '');
    if (texts.some(text => /[\t\n]/.test(text))) throw new Error(name);
    console.log([name, ...texts].join('\t'));
}

console.log(`# The T-SQL grammar of antlr/grammars-v4 (MIT), taken from @dbml/core ${version} (Apache-2.0)`);
types.forEach(({ kind, name }, i) => {
    const type = bundle.exports.types[i];
    const ruleNames = type.ruleNames ?? new type(null).ruleNames;
    print(kind + '.literalNames', type.literalNames);
    print(kind + '.symbolicNames', type.symbolicNames);
    print(kind + '.ruleNames', ruleNames);
    if (kind === 'Lexer') {
        print(kind + '.channelNames', type.channelNames);
        print(kind + '.modeNames', type.modeNames);
    }
    const start = code.lastIndexOf('.deserialize([', code.indexOf(`TSql${kind}.g4`)) + '.deserialize('.length;
    print(kind + '.atn', JSON.parse(code.slice(start, code.indexOf(']', start) + 1)));
});
