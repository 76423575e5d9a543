import HtmlWebpackPlugin from 'html-webpack-plugin';

export default {
  mode: 'production',
  entry: './src/main.js',
  performance: { hints: false },
  plugins: [new HtmlWebpackPlugin({ template: './src/index.html' })],
};
